//! The simulated Telegram satisfies teloxide-core, the client Beadle itself speaks through.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
use beadle::telegram::simulator::{Fault, SimOptions, Simulator};
use teloxide_core::payloads::{
    AnswerCallbackQuerySetters, GetUpdatesSetters, RestrictChatMemberSetters, SendMessageSetters,
    SetWebhookSetters,
};
use teloxide_core::prelude::Requester;
use teloxide_core::types::{
    CallbackQueryId, ChatId, ChatPermissions, InlineKeyboardButton, InlineKeyboardMarkup,
    InputFile, MessageId, ParseMode, UpdateKind, UserId,
};
use teloxide_core::{ApiError, Bot, RequestError};

fn rig() -> (Simulator, Bot) {
    let sim = Simulator::start(SimOptions {
        poll_guard: false,
        ..SimOptions::default()
    })
    .unwrap();
    let bot = Bot::new(sim.token()).set_api_url(sim.url().parse().unwrap());
    (sim, bot)
}

#[tokio::test]
async fn teloxide_reads_answers_and_updates() {
    let (sim, bot) = rig();
    let me = bot.get_me().await.unwrap();
    assert_eq!(me.username(), "beadle_sim_bot");
    let raw = sim.supergroup("Garden");
    let chat = ChatId(raw);
    sim.add_bot_admin(raw);
    let user = sim.user("Ida");
    sim.join(raw, user);
    sim.say(raw, user, "hello https://example.org");
    let keyboard = InlineKeyboardMarkup::new([[InlineKeyboardButton::callback("Yes", "y")]]);
    let sent = bot
        .send_message(chat, "<b>bold</b>")
        .parse_mode(ParseMode::Html)
        .reply_markup(keyboard)
        .await
        .unwrap();
    assert_eq!(sent.text(), Some("bold"));
    let query = sim.press(raw, i64::from(sent.id.0), user, "y");
    let updates = bot.get_updates().limit(100).await.unwrap();
    assert!(
        updates
            .iter()
            .all(|u| !matches!(u.kind, UpdateKind::Error(_))),
        "{updates:?}"
    );
    let query = CallbackQueryId(query);
    bot.answer_callback_query(query).text("ok").await.unwrap();
    let photo = InputFile::memory(b"jpeg".to_vec()).file_name("a.jpg");
    let photo = bot.send_photo(chat, photo).await.unwrap();
    assert!(photo.photo().is_some());
    let file = bot
        .get_file(photo.photo().unwrap()[0].file.id.clone())
        .await
        .unwrap();
    assert_eq!(file.size, 4);
    let user = UserId(u64::try_from(user).unwrap());
    bot.restrict_chat_member(chat, user, ChatPermissions::empty())
        .use_independent_chat_permissions(true)
        .await
        .unwrap();
    assert!(
        bot.get_chat_member(chat, user)
            .await
            .unwrap()
            .is_restricted()
    );
    bot.restrict_chat_member(chat, user, ChatPermissions::all())
        .await
        .unwrap();
    assert!(
        !bot.get_chat_member(chat, user)
            .await
            .unwrap()
            .is_restricted()
    );
    bot.ban_chat_member(chat, user).await.unwrap();
    assert!(bot.get_chat_member(chat, user).await.unwrap().is_banned());
    assert_eq!(bot.get_chat_administrators(chat).await.unwrap().len(), 2);
    assert_eq!(bot.get_chat(chat).await.unwrap().title(), Some("Garden"));
    let url = "https://example.org/hook".parse().unwrap();
    bot.set_webhook(url).secret_token("hush").await.unwrap();
    assert!(bot.get_webhook_info().await.unwrap().url.is_some());
    bot.delete_webhook().await.unwrap();
    assert_eq!(sim.violations(), []);
}

#[tokio::test]
async fn teloxide_knows_the_errors() {
    let (sim, bot) = rig();
    let raw = sim.supergroup("Garden");
    let chat = ChatId(raw);
    sim.add_bot_admin(raw);
    let api = |result: Result<_, RequestError>| match result {
        Err(RequestError::Api(error)) => error,
        other => panic!("{other:?}"),
    };
    let missing = api(bot.delete_message(chat, MessageId(77)).await.map(|_| ()));
    assert_eq!(missing, ApiError::MessageToDeleteNotFound);
    let sent = bot.send_message(chat, "x").await.unwrap();
    let same = api(bot.edit_message_text(chat, sent.id, "x").await.map(|_| ()));
    assert_eq!(same, ApiError::MessageNotModified);
    assert_eq!(
        api(bot.send_message(ChatId(-5), "x").await.map(|_| ())),
        ApiError::ChatNotFound
    );
    let long = api(bot.send_message(chat, "x".repeat(4097)).await.map(|_| ()));
    assert_eq!(long, ApiError::MessageIsTooLong);
    sim.fail_next(Some("sendMessage"), None, Fault::flood(9));
    match bot.send_message(chat, "x").await {
        Err(RequestError::RetryAfter(after)) => assert_eq!(after.seconds(), 9),
        other => panic!("{other:?}"),
    }
    let group = sim.group("Small");
    sim.add_bot_admin(group);
    let new = sim.migrate(group).unwrap();
    match bot.send_message(ChatId(group), "x").await {
        Err(RequestError::MigrateToChatId(to)) => assert_eq!(to, ChatId(new)),
        other => panic!("{other:?}"),
    }
}
