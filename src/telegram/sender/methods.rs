//! Every method of the Bot API (10.3), and for each whether repeating it is safe and which budget pays.
use serde_json::Value;

/// What happens to a call whose answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The end state is the same however often it is called: retried until settled.
    Repeatable,
    /// A second call shows twice: after a lost answer the row is `unknown` and waits for a person.
    Unrepeatable,
    /// A second call shows, and hurts nobody (a typing sign): retried like a repeatable one.
    Harmless,
}

/// The budget a call is paid from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Budget {
    /// Delete, ban, restrict, approve, answer …
    Acts = 0,
    /// What shows as a message: send, copy, forward, text edits.
    Messages = 1,
    /// `get…`: nothing changes.
    Questions = 2,
}

impl Budget {
    /// All of them, in the order in which a lane serves them.
    pub const ALL: [Self; 3] = [Self::Acts, Self::Messages, Self::Questions];
}

struct Row {
    name: &'static str,
    class: Class,
    budget: Budget,
}

macro_rules! methods {
    ($($variant:ident = $name:literal, $class:ident, $budget:ident;)*) => {
        /// A method of the Bot API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Method {
            $(#[doc = $name] $variant,)*
        }

        const ROWS: &[Row] = &[
            $(Row { name: $name, class: Class::$class, budget: Budget::$budget },)*
        ];

        impl Method {
            /// All methods, in Telegram's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
        }

        /// Hands the method over as a constant, which the library's `Payload::NAME` asks for.
        pub(in crate::telegram) fn with_const<V: Visit>(method: Method, visit: V) -> V::Out {
            match method {
                $(Method::$variant => visit.visit::<{ Method::$variant as u8 }>(),)*
            }
        }
    };
}

/// Something done with a method that is known at compile time.
pub(in crate::telegram) trait Visit {
    /// What comes of it.
    type Out;
    /// `M` is the method's place in [`Method::ALL`].
    fn visit<const M: u8>(self) -> Self::Out;
}

methods! {
    GetUpdates = "getUpdates", Repeatable, Questions;
    SetWebhook = "setWebhook", Repeatable, Acts;
    DeleteWebhook = "deleteWebhook", Repeatable, Acts;
    GetWebhookInfo = "getWebhookInfo", Repeatable, Questions;
    GetMe = "getMe", Repeatable, Questions;
    LogOut = "logOut", Repeatable, Acts;
    Close = "close", Repeatable, Acts;
    SendMessage = "sendMessage", Unrepeatable, Messages;
    ForwardMessage = "forwardMessage", Unrepeatable, Messages;
    ForwardMessages = "forwardMessages", Unrepeatable, Messages;
    CopyMessage = "copyMessage", Unrepeatable, Messages;
    CopyMessages = "copyMessages", Unrepeatable, Messages;
    SendPhoto = "sendPhoto", Unrepeatable, Messages;
    SendLivePhoto = "sendLivePhoto", Unrepeatable, Messages;
    SendAudio = "sendAudio", Unrepeatable, Messages;
    SendDocument = "sendDocument", Unrepeatable, Messages;
    SendVideo = "sendVideo", Unrepeatable, Messages;
    SendAnimation = "sendAnimation", Unrepeatable, Messages;
    SendVoice = "sendVoice", Unrepeatable, Messages;
    SendVideoNote = "sendVideoNote", Unrepeatable, Messages;
    SendPaidMedia = "sendPaidMedia", Unrepeatable, Messages;
    SendMediaGroup = "sendMediaGroup", Unrepeatable, Messages;
    SendLocation = "sendLocation", Unrepeatable, Messages;
    SendVenue = "sendVenue", Unrepeatable, Messages;
    SendContact = "sendContact", Unrepeatable, Messages;
    SendPoll = "sendPoll", Unrepeatable, Messages;
    SendChecklist = "sendChecklist", Unrepeatable, Messages;
    SendDice = "sendDice", Unrepeatable, Messages;
    SendMessageDraft = "sendMessageDraft", Harmless, Messages;
    SendChatAction = "sendChatAction", Harmless, Acts;
    SetMessageReaction = "setMessageReaction", Repeatable, Acts;
    GetUserProfilePhotos = "getUserProfilePhotos", Repeatable, Questions;
    GetUserProfileAudios = "getUserProfileAudios", Repeatable, Questions;
    SetUserEmojiStatus = "setUserEmojiStatus", Repeatable, Acts;
    GetFile = "getFile", Repeatable, Questions;
    BanChatMember = "banChatMember", Repeatable, Acts;
    UnbanChatMember = "unbanChatMember", Unrepeatable, Acts;
    RestrictChatMember = "restrictChatMember", Repeatable, Acts;
    PromoteChatMember = "promoteChatMember", Repeatable, Acts;
    SetChatAdministratorCustomTitle = "setChatAdministratorCustomTitle", Repeatable, Acts;
    SetChatMemberTag = "setChatMemberTag", Repeatable, Acts;
    BanChatSenderChat = "banChatSenderChat", Repeatable, Acts;
    UnbanChatSenderChat = "unbanChatSenderChat", Repeatable, Acts;
    SetChatPermissions = "setChatPermissions", Repeatable, Acts;
    ExportChatInviteLink = "exportChatInviteLink", Unrepeatable, Acts;
    CreateChatInviteLink = "createChatInviteLink", Unrepeatable, Acts;
    EditChatInviteLink = "editChatInviteLink", Repeatable, Acts;
    CreateChatSubscriptionInviteLink = "createChatSubscriptionInviteLink", Unrepeatable, Acts;
    EditChatSubscriptionInviteLink = "editChatSubscriptionInviteLink", Repeatable, Acts;
    RevokeChatInviteLink = "revokeChatInviteLink", Repeatable, Acts;
    ApproveChatJoinRequest = "approveChatJoinRequest", Repeatable, Acts;
    DeclineChatJoinRequest = "declineChatJoinRequest", Repeatable, Acts;
    AnswerChatJoinRequestQuery = "answerChatJoinRequestQuery", Repeatable, Acts;
    SendChatJoinRequestWebApp = "sendChatJoinRequestWebApp", Unrepeatable, Acts;
    SetChatPhoto = "setChatPhoto", Repeatable, Acts;
    DeleteChatPhoto = "deleteChatPhoto", Repeatable, Acts;
    SetChatTitle = "setChatTitle", Repeatable, Acts;
    SetChatDescription = "setChatDescription", Repeatable, Acts;
    PinChatMessage = "pinChatMessage", Repeatable, Acts;
    UnpinChatMessage = "unpinChatMessage", Repeatable, Acts;
    UnpinAllChatMessages = "unpinAllChatMessages", Repeatable, Acts;
    LeaveChat = "leaveChat", Repeatable, Acts;
    GetChat = "getChat", Repeatable, Questions;
    GetChatAdministrators = "getChatAdministrators", Repeatable, Questions;
    GetChatMemberCount = "getChatMemberCount", Repeatable, Questions;
    GetChatMember = "getChatMember", Repeatable, Questions;
    GetUserPersonalChatMessages = "getUserPersonalChatMessages", Repeatable, Questions;
    SetChatStickerSet = "setChatStickerSet", Repeatable, Acts;
    DeleteChatStickerSet = "deleteChatStickerSet", Repeatable, Acts;
    GetForumTopicIconStickers = "getForumTopicIconStickers", Repeatable, Questions;
    CreateForumTopic = "createForumTopic", Unrepeatable, Acts;
    EditForumTopic = "editForumTopic", Repeatable, Acts;
    CloseForumTopic = "closeForumTopic", Repeatable, Acts;
    ReopenForumTopic = "reopenForumTopic", Repeatable, Acts;
    DeleteForumTopic = "deleteForumTopic", Repeatable, Acts;
    UnpinAllForumTopicMessages = "unpinAllForumTopicMessages", Repeatable, Acts;
    EditGeneralForumTopic = "editGeneralForumTopic", Repeatable, Acts;
    CloseGeneralForumTopic = "closeGeneralForumTopic", Repeatable, Acts;
    ReopenGeneralForumTopic = "reopenGeneralForumTopic", Repeatable, Acts;
    HideGeneralForumTopic = "hideGeneralForumTopic", Repeatable, Acts;
    UnhideGeneralForumTopic = "unhideGeneralForumTopic", Repeatable, Acts;
    UnpinAllGeneralForumTopicMessages = "unpinAllGeneralForumTopicMessages", Repeatable, Acts;
    AnswerCallbackQuery = "answerCallbackQuery", Repeatable, Acts;
    AnswerGuestQuery = "answerGuestQuery", Unrepeatable, Messages;
    GetUserChatBoosts = "getUserChatBoosts", Repeatable, Questions;
    GetBusinessConnection = "getBusinessConnection", Repeatable, Questions;
    GetManagedBotToken = "getManagedBotToken", Repeatable, Questions;
    ReplaceManagedBotToken = "replaceManagedBotToken", Unrepeatable, Acts;
    GetManagedBotAccessSettings = "getManagedBotAccessSettings", Repeatable, Questions;
    SetManagedBotAccessSettings = "setManagedBotAccessSettings", Repeatable, Acts;
    SetMyCommands = "setMyCommands", Repeatable, Acts;
    DeleteMyCommands = "deleteMyCommands", Repeatable, Acts;
    GetMyCommands = "getMyCommands", Repeatable, Questions;
    SetMyName = "setMyName", Repeatable, Acts;
    GetMyName = "getMyName", Repeatable, Questions;
    SetMyDescription = "setMyDescription", Repeatable, Acts;
    GetMyDescription = "getMyDescription", Repeatable, Questions;
    SetMyShortDescription = "setMyShortDescription", Repeatable, Acts;
    GetMyShortDescription = "getMyShortDescription", Repeatable, Questions;
    SetMyProfilePhoto = "setMyProfilePhoto", Repeatable, Acts;
    RemoveMyProfilePhoto = "removeMyProfilePhoto", Repeatable, Acts;
    SetChatMenuButton = "setChatMenuButton", Repeatable, Acts;
    GetChatMenuButton = "getChatMenuButton", Repeatable, Questions;
    SetMyDefaultAdministratorRights = "setMyDefaultAdministratorRights", Repeatable, Acts;
    GetMyDefaultAdministratorRights = "getMyDefaultAdministratorRights", Repeatable, Questions;
    GetAvailableGifts = "getAvailableGifts", Repeatable, Questions;
    SendGift = "sendGift", Unrepeatable, Messages;
    GiftPremiumSubscription = "giftPremiumSubscription", Unrepeatable, Acts;
    VerifyUser = "verifyUser", Repeatable, Acts;
    VerifyChat = "verifyChat", Repeatable, Acts;
    RemoveUserVerification = "removeUserVerification", Repeatable, Acts;
    RemoveChatVerification = "removeChatVerification", Repeatable, Acts;
    ReadBusinessMessage = "readBusinessMessage", Repeatable, Acts;
    DeleteBusinessMessages = "deleteBusinessMessages", Repeatable, Acts;
    SetBusinessAccountName = "setBusinessAccountName", Repeatable, Acts;
    SetBusinessAccountUsername = "setBusinessAccountUsername", Repeatable, Acts;
    SetBusinessAccountBio = "setBusinessAccountBio", Repeatable, Acts;
    SetBusinessAccountProfilePhoto = "setBusinessAccountProfilePhoto", Repeatable, Acts;
    RemoveBusinessAccountProfilePhoto = "removeBusinessAccountProfilePhoto", Repeatable, Acts;
    SetBusinessAccountGiftSettings = "setBusinessAccountGiftSettings", Repeatable, Acts;
    GetBusinessAccountStarBalance = "getBusinessAccountStarBalance", Repeatable, Questions;
    TransferBusinessAccountStars = "transferBusinessAccountStars", Unrepeatable, Acts;
    GetBusinessAccountGifts = "getBusinessAccountGifts", Repeatable, Questions;
    GetUserGifts = "getUserGifts", Repeatable, Questions;
    GetChatGifts = "getChatGifts", Repeatable, Questions;
    ConvertGiftToStars = "convertGiftToStars", Unrepeatable, Acts;
    UpgradeGift = "upgradeGift", Unrepeatable, Acts;
    TransferGift = "transferGift", Unrepeatable, Acts;
    PostStory = "postStory", Unrepeatable, Messages;
    RepostStory = "repostStory", Unrepeatable, Messages;
    EditStory = "editStory", Repeatable, Messages;
    DeleteStory = "deleteStory", Repeatable, Acts;
    AnswerWebAppQuery = "answerWebAppQuery", Unrepeatable, Messages;
    SavePreparedInlineMessage = "savePreparedInlineMessage", Unrepeatable, Acts;
    SavePreparedKeyboardButton = "savePreparedKeyboardButton", Unrepeatable, Acts;
    EditMessageText = "editMessageText", Repeatable, Messages;
    EditMessageCaption = "editMessageCaption", Repeatable, Messages;
    EditMessageMedia = "editMessageMedia", Repeatable, Messages;
    EditMessageLiveLocation = "editMessageLiveLocation", Repeatable, Messages;
    StopMessageLiveLocation = "stopMessageLiveLocation", Repeatable, Messages;
    EditMessageChecklist = "editMessageChecklist", Repeatable, Messages;
    EditMessageReplyMarkup = "editMessageReplyMarkup", Repeatable, Messages;
    StopPoll = "stopPoll", Repeatable, Messages;
    EditEphemeralMessageText = "editEphemeralMessageText", Repeatable, Messages;
    EditEphemeralMessageMedia = "editEphemeralMessageMedia", Repeatable, Messages;
    EditEphemeralMessageCaption = "editEphemeralMessageCaption", Repeatable, Messages;
    EditEphemeralMessageReplyMarkup = "editEphemeralMessageReplyMarkup", Repeatable, Messages;
    ApproveSuggestedPost = "approveSuggestedPost", Repeatable, Acts;
    DeclineSuggestedPost = "declineSuggestedPost", Repeatable, Acts;
    DeleteMessage = "deleteMessage", Repeatable, Acts;
    DeleteMessages = "deleteMessages", Repeatable, Acts;
    DeleteEphemeralMessage = "deleteEphemeralMessage", Repeatable, Acts;
    DeleteMessageReaction = "deleteMessageReaction", Repeatable, Acts;
    DeleteAllMessageReactions = "deleteAllMessageReactions", Repeatable, Acts;
    SendSticker = "sendSticker", Unrepeatable, Messages;
    GetStickerSet = "getStickerSet", Repeatable, Questions;
    GetCustomEmojiStickers = "getCustomEmojiStickers", Repeatable, Questions;
    UploadStickerFile = "uploadStickerFile", Unrepeatable, Acts;
    CreateNewStickerSet = "createNewStickerSet", Unrepeatable, Acts;
    AddStickerToSet = "addStickerToSet", Unrepeatable, Acts;
    SetStickerPositionInSet = "setStickerPositionInSet", Repeatable, Acts;
    DeleteStickerFromSet = "deleteStickerFromSet", Repeatable, Acts;
    ReplaceStickerInSet = "replaceStickerInSet", Unrepeatable, Acts;
    SetStickerEmojiList = "setStickerEmojiList", Repeatable, Acts;
    SetStickerKeywords = "setStickerKeywords", Repeatable, Acts;
    SetStickerMaskPosition = "setStickerMaskPosition", Repeatable, Acts;
    SetStickerSetTitle = "setStickerSetTitle", Repeatable, Acts;
    SetStickerSetThumbnail = "setStickerSetThumbnail", Repeatable, Acts;
    SetCustomEmojiStickerSetThumbnail = "setCustomEmojiStickerSetThumbnail", Repeatable, Acts;
    DeleteStickerSet = "deleteStickerSet", Repeatable, Acts;
    SendRichMessage = "sendRichMessage", Unrepeatable, Messages;
    SendRichMessageDraft = "sendRichMessageDraft", Harmless, Messages;
    AnswerInlineQuery = "answerInlineQuery", Repeatable, Acts;
    SendInvoice = "sendInvoice", Unrepeatable, Messages;
    CreateInvoiceLink = "createInvoiceLink", Unrepeatable, Acts;
    AnswerShippingQuery = "answerShippingQuery", Repeatable, Acts;
    AnswerPreCheckoutQuery = "answerPreCheckoutQuery", Repeatable, Acts;
    GetMyStarBalance = "getMyStarBalance", Repeatable, Questions;
    GetStarTransactions = "getStarTransactions", Repeatable, Questions;
    RefundStarPayment = "refundStarPayment", Unrepeatable, Acts;
    EditUserStarSubscription = "editUserStarSubscription", Repeatable, Acts;
    SetPassportDataErrors = "setPassportDataErrors", Repeatable, Acts;
    SendGame = "sendGame", Unrepeatable, Messages;
    SetGameScore = "setGameScore", Repeatable, Acts;
    GetGameHighScores = "getGameHighScores", Repeatable, Questions;
}

/// Name of the method at place `index` of [`Method::ALL`].
pub(in crate::telegram) const fn name_at(index: u8) -> &'static str {
    ROWS[index as usize].name
}

impl Method {
    /// Telegram's name, as in `sendMessage`.
    pub const fn name(self) -> &'static str {
        ROWS[self as usize].name
    }

    /// The method of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|m| m.name() == name)
    }

    /// Its class, whatever the parameters.
    pub const fn class(self) -> Class {
        ROWS[self as usize].class
    }

    /// Its class with these parameters: `unbanChatMember` removes a member, unless `only_if_banned`.
    pub fn class_with(self, params: &Value) -> Class {
        match self {
            Self::UnbanChatMember if params["only_if_banned"] == true => Class::Repeatable,
            _ => self.class(),
        }
    }

    /// The budget that pays.
    pub const fn budget(self) -> Budget {
        ROWS[self as usize].budget
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
