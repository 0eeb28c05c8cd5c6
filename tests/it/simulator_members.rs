//! The simulator's rules for chats and members: who can be reached, banned, restricted, let in.
use beadle::telegram::simulator::Status;
use serde_json::{Value, json};

use crate::simulator_support::Rig;

async fn garden() -> (Rig, i64, i64) {
    let rig = Rig::quick();
    let chat = rig.sim.supergroup("Garden");
    rig.sim.add_bot_admin(chat);
    let user = rig.sim.user("Ida");
    rig.sim.join(chat, user);
    rig.listen().await;
    (rig, chat, user)
}

async fn refusal(rig: &Rig, method: &str, params: Value) -> String {
    rig.call(method, params).await.words()
}

#[tokio::test]
async fn private_chats_open_when_the_person_writes_first() {
    let rig = Rig::quick();
    let user = rig.sim.user("Ida");
    let text = |chat: i64| json!({"chat_id": chat, "text": "x"});
    assert_eq!(
        rig.call("sendMessage", text(user)).await.bad(),
        (
            403,
            "Forbidden: bot can't initiate conversation with a user".to_owned()
        )
    );
    assert_eq!(
        refusal(&rig, "sendMessage", text(12)).await,
        "Bad Request: chat not found"
    );
    rig.sim.private(user, "/start");
    rig.call("sendMessage", text(user)).await.good();
    rig.sim.block(user, true);
    assert_eq!(
        refusal(&rig, "sendMessage", text(user)).await,
        "Forbidden: bot was blocked by the user"
    );
    let got = rig.updates().await;
    assert_eq!(
        got[1]["my_chat_member"]["new_chat_member"]["status"],
        "kicked"
    );
    rig.sim.block(user, false);
    rig.call("sendMessage", text(user)).await.good();
    rig.sim.deactivate(user);
    assert_eq!(
        refusal(&rig, "sendMessage", text(user)).await,
        "Forbidden: user is deactivated"
    );
    let robot = rig.sim.other_bot("Robot");
    assert_eq!(
        refusal(&rig, "sendMessage", text(robot)).await,
        "Forbidden: bot can't send messages to bots"
    );
    rig.clean();
}

#[tokio::test]
async fn a_bot_outside_is_told_so_in_the_words_of_the_chat() {
    let rig = Rig::quick();
    let text = |chat: i64| json!({"chat_id": chat, "text": "x"});
    let chat = rig.sim.supergroup("Garden");
    assert_eq!(
        refusal(&rig, "sendMessage", text(chat)).await,
        "Bad Request: chat not found"
    );
    rig.sim.set_chat(chat, &json!({"username": "garden"}));
    assert_eq!(
        refusal(
            &rig,
            "sendMessage",
            json!({"chat_id": "@garden", "text": "x"})
        )
        .await,
        "Forbidden: bot is not a member of the supergroup chat"
    );
    rig.sim.add_bot_admin(chat);
    rig.sim.kick_bot(chat);
    assert_eq!(
        refusal(&rig, "sendMessage", text(chat)).await,
        "Forbidden: bot was kicked from the supergroup chat"
    );
    let group = rig.sim.group("Small");
    rig.sim.add_bot(group);
    rig.sim.kick_bot(group);
    assert_eq!(
        refusal(&rig, "sendMessage", text(group)).await,
        "Forbidden: bot was kicked from the group chat"
    );
    let channel = rig.sim.channel("News");
    rig.sim.add_bot_admin(channel);
    rig.call("sendMessage", text(channel)).await.good();
    rig.call("leaveChat", json!({"chat_id": channel}))
        .await
        .good();
    assert_eq!(
        refusal(&rig, "sendMessage", text(channel)).await,
        "Forbidden: bot is not a member of the channel chat"
    );
    let gone = rig.sim.supergroup("Gone");
    rig.sim.add_bot_admin(gone);
    rig.sim.delete_chat(gone);
    assert_eq!(
        refusal(&rig, "sendMessage", text(gone)).await,
        "Forbidden: the group chat was deleted"
    );
    rig.clean();
}

#[tokio::test]
async fn a_basic_group_that_moved_gives_its_new_id() {
    let rig = Rig::quick();
    let group = rig.sim.group("Small");
    rig.sim.add_bot_admin(group);
    rig.updates().await;
    let new = rig.sim.migrate(group).unwrap();
    let refused = rig
        .call("sendMessage", json!({"chat_id": group, "text": "x"}))
        .await;
    assert_eq!(refused.body["parameters"]["migrate_to_chat_id"], new);
    assert_eq!(
        refused.words(),
        "Bad Request: group chat was upgraded to a supergroup chat"
    );
    let got = rig.updates().await;
    assert_eq!(got[0]["message"]["migrate_to_chat_id"], new);
    assert_eq!(got[1]["message"]["migrate_from_chat_id"], group);
    rig.call("sendMessage", json!({"chat_id": new, "text": "x"}))
        .await
        .good();
    rig.clean();
}

#[tokio::test]
async fn basic_groups_know_no_restrictions_and_no_unban() {
    let rig = Rig::quick();
    let group = rig.sim.group("Small");
    rig.sim.add_bot_admin(group);
    let user = rig.sim.user("Ida");
    rig.sim.join(group, user);
    let params = json!({"chat_id": group, "user_id": user, "permissions": {}});
    assert_eq!(
        refusal(&rig, "restrictChatMember", params.clone()).await,
        "Bad Request: method is available only for supergroups"
    );
    assert_eq!(
        refusal(
            &rig,
            "unbanChatMember",
            json!({"chat_id": group, "user_id": user})
        )
        .await,
        "Bad Request: method is available for supergroup and channel chats only"
    );
    let until = json!({"chat_id": group, "user_id": user, "until_date": 4_000_000_000_i64});
    rig.call("banChatMember", until).await.good();
    assert_eq!(rig.sim.member(group, user).until, 0);
    rig.clean();
}

#[tokio::test]
async fn administrators_and_missing_rights_stop_the_bot() {
    let (rig, chat, user) = garden().await;
    let admin = rig.sim.user("Ann");
    rig.sim.join(chat, admin);
    rig.sim.promote(chat, admin, &["can_delete_messages"]);
    let on = |user: i64| json!({"chat_id": chat, "user_id": user, "permissions": {}});
    for method in ["restrictChatMember", "banChatMember"] {
        let params = |user: i64| {
            if method == "banChatMember" {
                json!({"chat_id": chat, "user_id": user})
            } else {
                on(user)
            }
        };
        assert_eq!(
            refusal(&rig, method, params(admin)).await,
            "Bad Request: user is an administrator of the chat"
        );
        assert_eq!(
            refusal(&rig, method, params(rig.sim.owner(chat))).await,
            "Bad Request: can't remove chat owner"
        );
    }
    rig.sim.set_bot_rights(chat, &["can_delete_messages"]);
    assert_eq!(
        refusal(&rig, "restrictChatMember", on(user)).await,
        "Bad Request: not enough rights to restrict/unrestrict chat member"
    );
    let promote = json!({"chat_id": chat, "user_id": user, "can_pin_messages": true});
    assert_eq!(
        refusal(&rig, "promoteChatMember", promote).await,
        "Bad Request: not enough rights"
    );
    assert_eq!(
        refusal(
            &rig,
            "pinChatMessage",
            json!({"chat_id": chat, "message_id": 1})
        )
        .await,
        "Bad Request: not enough rights to manage pinned messages in the chat"
    );
    rig.clean();
}

#[tokio::test]
async fn a_ban_ends_by_the_clock_unless_it_is_forever() {
    let (rig, chat, user) = garden().await;
    let now = rig.sim.messages(chat)[0].date();
    let ban = |span: i64| json!({"chat_id": chat, "user_id": user, "until_date": now + span});
    for (span, forever) in [(20, true), (367 * 86_400, true), (3600, false)] {
        rig.call("banChatMember", ban(span)).await.good();
        assert_eq!(rig.sim.member(chat, user).until == 0, forever, "{span}");
        assert!(!rig.sim.join(chat, user));
        assert_eq!(rig.sim.say(chat, user, "let me in"), 0);
    }
    let seen = rig
        .call("getChatMember", json!({"chat_id": chat, "user_id": user}))
        .await
        .good();
    assert_eq!(seen["until_date"], now + 3600);
    rig.pass(3601);
    assert_eq!(rig.sim.member(chat, user).status, Status::Left);
    assert!(rig.sim.join(chat, user));
    rig.clean();
}

#[tokio::test]
async fn unban_removes_a_member_unless_only_if_banned() {
    let (rig, chat, user) = garden().await;
    let only = json!({"chat_id": chat, "user_id": user, "only_if_banned": true});
    let plain = json!({"chat_id": chat, "user_id": user});
    rig.call("unbanChatMember", only.clone()).await.good();
    assert!(rig.sim.member(chat, user).present);
    rig.call("unbanChatMember", plain.clone()).await.good();
    assert_eq!(rig.sim.member(chat, user).status, Status::Left);
    rig.call("banChatMember", plain).await.good();
    rig.call("unbanChatMember", only).await.good();
    assert_eq!(rig.sim.member(chat, user).status, Status::Left);
    assert!(rig.sim.join(chat, user));
    rig.clean();
}

#[tokio::test]
async fn restrictions_imply_each_other_unless_independent() {
    let (rig, chat, user) = garden().await;
    let restrict = |permissions: Value, independent: bool| {
        json!({"chat_id": chat, "user_id": user, "permissions": permissions,
            "use_independent_chat_permissions": independent})
    };
    let other = json!({"can_send_other_messages": true});
    rig.call("restrictChatMember", restrict(other.clone(), false))
        .await
        .good();
    let member = rig.sim.member(chat, user);
    assert!(member.may("can_send_messages") && member.may("can_send_photos"));
    assert!(!member.may("can_send_polls"));
    rig.call("restrictChatMember", restrict(other, true))
        .await
        .good();
    let member = rig.sim.member(chat, user);
    assert!(member.may("can_send_other_messages") && !member.may("can_send_messages"));
    // Omitted is false; the newest flags follow older ones.
    rig.call(
        "restrictChatMember",
        restrict(json!({"can_send_messages": true}), false),
    )
    .await
    .good();
    let member = rig.sim.member(chat, user);
    assert!(member.may("can_send_messages") && member.may("can_react_to_messages"));
    assert!(!member.may("can_send_photos") && !member.may("can_invite_users"));
    assert_eq!(member.status, Status::Restricted);
    rig.clean();
}

#[tokio::test]
async fn a_mute_silences_lasts_over_leaving_and_ends() {
    let (rig, chat, user) = garden().await;
    let now = rig.sim.messages(chat)[0].date();
    let none =
        json!({"chat_id": chat, "user_id": user, "permissions": {}, "until_date": now + 600});
    rig.call("restrictChatMember", none).await.good();
    assert_eq!(rig.sim.say(chat, user, "mmm"), 0);
    rig.sim.leave(chat, user);
    let member = rig.sim.member(chat, user);
    assert_eq!((member.status, member.present), (Status::Restricted, false));
    rig.listen().await;
    rig.sim.join(chat, user);
    let got = rig.updates().await;
    assert_eq!(got[0]["chat_member"]["old_chat_member"]["is_member"], false);
    assert_eq!(got[0]["chat_member"]["new_chat_member"]["is_member"], true);
    assert_eq!(rig.sim.say(chat, user, "mmm"), 0);
    rig.pass(601);
    assert!(rig.sim.say(chat, user, "free") > 0);
    // All permissions lift a restriction, also in the words of a client that knows fewer of them.
    rig.sim.restrict(chat, user, &[], 0);
    let all = json!({"can_send_messages": true, "can_send_audios": true, "can_send_documents": true,
        "can_send_photos": true, "can_send_videos": true, "can_send_video_notes": true,
        "can_send_voice_notes": true, "can_send_polls": true, "can_send_other_messages": true,
        "can_add_web_page_previews": true, "can_change_info": true, "can_invite_users": true,
        "can_pin_messages": true, "can_manage_topics": true});
    let lift = json!({"chat_id": chat, "user_id": user, "permissions": all});
    rig.call("restrictChatMember", lift).await.good();
    assert_eq!(rig.sim.member(chat, user).status, Status::Member);
    rig.clean();
}

#[tokio::test]
async fn chat_permissions_hold_for_members_and_refuse_no_change() {
    let (rig, chat, user) = garden().await;
    let params = json!({"chat_id": chat, "permissions": {"can_send_messages": true}});
    rig.call("setChatPermissions", params.clone()).await.good();
    assert!(rig.sim.say(chat, user, "text goes") > 0);
    let photo = rig.sim.media("photo", &rig.sim.file("a.jpg", b"x"));
    assert_eq!(rig.sim.post(chat, user, json!({"photo": photo})), 0);
    assert_eq!(
        refusal(&rig, "setChatPermissions", params).await,
        "Bad Request: CHAT_NOT_MODIFIED"
    );
    let info = rig.call("getChat", json!({"chat_id": chat})).await.good();
    assert_eq!(info["permissions"]["can_send_photos"], false);
    rig.clean();
}

#[tokio::test]
async fn join_requests_can_be_answered_once_and_reached_for_five_minutes() {
    let (rig, chat, _) = garden().await;
    let (bo, cy) = (rig.sim.user("Bo"), rig.sim.user("Cy"));
    assert!(rig.sim.request_join(chat, bo));
    let got = rig.updates().await;
    let reach = got[0]["chat_join_request"]["user_chat_id"].clone();
    let text = json!({"chat_id": reach, "text": "who are you?"});
    rig.call("sendMessage", text.clone()).await.good();
    rig.pass(301);
    assert_eq!(
        refusal(&rig, "sendMessage", text).await,
        "Forbidden: bot can't initiate conversation with a user"
    );
    let on = |user: i64| json!({"chat_id": chat, "user_id": user});
    rig.call("approveChatJoinRequest", on(bo)).await.good();
    assert!(rig.sim.member(chat, bo).present);
    let got = rig.updates().await;
    assert_eq!(got[0]["chat_member"]["via_join_request"], true);
    assert_eq!(
        refusal(&rig, "approveChatJoinRequest", on(bo)).await,
        "Bad Request: USER_ALREADY_PARTICIPANT"
    );
    assert_eq!(
        refusal(&rig, "declineChatJoinRequest", on(cy)).await,
        "Bad Request: HIDE_REQUESTER_MISSING"
    );
    rig.sim.request_join(chat, cy);
    rig.call("declineChatJoinRequest", on(cy)).await.good();
    assert!(!rig.sim.member(chat, cy).present && rig.sim.join_requests(chat).is_empty());
    rig.clean();
}

#[tokio::test]
async fn join_queries_must_be_answered_within_ten_seconds() {
    let rig = Rig::with(|options| {
        options.join_queries = true;
        options.poll_guard = false;
    });
    let chat = rig.sim.supergroup("Garden");
    rig.sim.add_bot_admin(chat);
    rig.listen().await;
    let query = async |user: i64| {
        rig.sim.request_join(chat, user);
        let got = rig.updates().await;
        let request = got.iter().find_map(|u| u.get("chat_join_request")).unwrap();
        request["query_id"].as_str().unwrap().to_owned()
    };
    let answer =
        |id: &str, result: &str| json!({"chat_join_request_query_id": id, "result": result});
    let (bo, cy) = (rig.sim.user("Bo"), rig.sim.user("Cy"));
    let id = query(bo).await;
    rig.call("answerChatJoinRequestQuery", answer(&id, "approve"))
        .await
        .good();
    assert!(rig.sim.member(chat, bo).present);
    let id = query(cy).await;
    rig.pass(11);
    assert_eq!(
        refusal(&rig, "answerChatJoinRequestQuery", answer(&id, "approve")).await,
        "Bad Request: query is too old and response timeout expired or query ID is invalid"
    );
    assert_eq!(rig.sim.join_requests(chat), [cy]);
    rig.clean();
}

#[tokio::test]
async fn invite_links_admit_ask_expire_and_are_revoked() {
    let (rig, chat, user) = garden().await;
    let make = async |mut params: Value| {
        params["chat_id"] = json!(chat);
        let link = rig.call("createChatInviteLink", params).await.good();
        link["invite_link"].as_str().unwrap().to_owned()
    };
    let once = make(json!({"member_limit": 1, "name": "one"})).await;
    let (bo, cy) = (rig.sim.user("Bo"), rig.sim.user("Cy"));
    assert!(rig.sim.join_by_link(chat, bo, &once));
    assert!(!rig.sim.join_by_link(chat, cy, &once));
    let got = rig.updates().await;
    assert_eq!(got[0]["chat_member"]["invite_link"]["name"], "one");
    let asks = make(json!({"creates_join_request": true})).await;
    assert!(rig.sim.join_by_link(chat, cy, &asks));
    assert_eq!(rig.sim.join_requests(chat), [cy]);
    let brief = make(json!({"expire_date": rig.sim.messages(chat)[0].date() + 60})).await;
    rig.pass(61);
    assert!(!rig.sim.join_by_link(chat, user + 1, &brief));
    let revoked = json!({"chat_id": chat, "invite_link": asks});
    let revoked = rig.call("revokeChatInviteLink", revoked).await.good();
    assert_eq!(revoked["is_revoked"], true);
    rig.clean();
}

#[tokio::test]
async fn administrators_are_listed_without_other_bots() {
    let (rig, chat, user) = garden().await;
    let robot = rig.sim.other_bot("Robot");
    rig.sim.promote(chat, robot, &["can_delete_messages"]);
    let promote = json!({"chat_id": chat, "user_id": user, "can_delete_messages": true});
    rig.call("promoteChatMember", promote).await.good();
    let title = json!({"chat_id": chat, "user_id": user, "custom_title": "gardener"});
    rig.call("setChatAdministratorCustomTitle", title)
        .await
        .good();
    let list = rig
        .call("getChatAdministrators", json!({"chat_id": chat}))
        .await
        .good();
    assert_eq!(list.as_array().unwrap().len(), 3);
    let all = json!({"chat_id": chat, "return_bots": true});
    let list = rig.call("getChatAdministrators", all).await.good();
    assert_eq!(list.as_array().unwrap().len(), 4);
    let count = rig
        .call("getChatMemberCount", json!({"chat_id": chat}))
        .await
        .good();
    assert_eq!(count, 4);
    let unknown = json!({"chat_id": chat, "user_id": 1});
    assert_eq!(
        refusal(&rig, "getChatMember", unknown).await,
        "Bad Request: PARTICIPANT_ID_INVALID"
    );
    rig.clean();
}

#[tokio::test]
async fn an_administrator_alone_hears_of_members() {
    let rig = Rig::quick();
    let chat = rig.sim.supergroup("Garden");
    rig.sim.add_bot(chat);
    rig.listen().await;
    rig.sim.join(chat, rig.sim.user("Ida"));
    let got = rig.updates().await;
    assert_eq!(got.len(), 1);
    assert!(got[0]["message"].get("new_chat_members").is_some());
    rig.sim.add_bot_admin(chat);
    rig.sim.set_bot_rights(chat, &[]);
    let got = rig.updates().await;
    assert_eq!(
        got[0]["my_chat_member"]["new_chat_member"]["status"],
        "administrator"
    );
    assert_eq!(
        got[1]["my_chat_member"]["new_chat_member"]["status"],
        "member"
    );
    rig.clean();
}
