//! Who is restricted, by whom and until when: the ledger, and what Telegram is told of it.
use beadle::app::App;
use beadle::base::clock::{Clock as _, Millis, ShiftedClock, SystemClock};
use beadle::community::arbiter::{
    self, Arbitrate as _, ArbitrateChat as _, ChatImposer, ChatOrder, End, Imposer, Lift, Measure,
    Order, Outcome, Permissions, Subject, Whose, Why,
};
use beadle::telegram::simulator::{Simulator, Status};

use crate::support::house::{house, house_with, judged, simulator, value, within};

pub(crate) const HOUR: Millis = 3_600_000;

pub(crate) fn order(
    chat: i64,
    user: i64,
    by: Imposer,
    what: Measure,
    span: Option<Millis>,
) -> Order {
    Order {
        chat,
        subject: Subject::User(user),
        by,
        what,
        until: span.map(|span| SystemClock.now() + span),
        reason: "test".to_owned(),
        verdict: None,
        revoke_messages: false,
        asked: true,
    }
}

pub(crate) fn lift(chat: i64, user: i64, by: Imposer, whose: Whose) -> Lift {
    Lift {
        chat,
        subject: Subject::User(user),
        by,
        whose,
    }
}

pub(crate) async fn impose(app: &App, order: Order) -> Outcome {
    let now = SystemClock.now();
    app.store
        .write(move |tx| tx.impose(&order, now, None))
        .await
        .unwrap()
}

pub(crate) async fn free(app: &App, lift: Lift) -> Outcome {
    let now = SystemClock.now();
    app.store
        .write(move |tx| tx.lift(&lift, now, None))
        .await
        .unwrap()
}

pub(crate) fn is_muted(sim: &Simulator, chat: i64, user: i64) -> bool {
    let member = sim.member(chat, user);
    member.status == Status::Restricted && !member.may("can_send_messages")
}

/// Waits until a query gives this number.
pub(crate) async fn until_value(app: &App, sql: &'static str, n: i64) {
    for _ in 0..1_000 {
        if value::<i64>(app, sql).await == n {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{sql}: {} and not {n}", value::<i64>(app, sql).await);
}

pub(crate) async fn ends(app: &App, chat: i64, user: i64) -> Vec<End> {
    app.store
        .read(move |conn| arbiter::history(conn, chat, user, 50))
        .await
        .unwrap()
        .into_iter()
        .rev()
        .map(|r| r.end)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lift_lifts_its_own_and_the_last_one_gives_back_what_the_group_allows() {
    let sim = simulator();
    let (group, eve) = (sim.supergroup("The green"), sim.user("Eve"));
    sim.add_bot_admin(group);
    sim.join(group, eve);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let ann = Imposer::Moderator(7);

    let gate = impose(&app, order(group, eve, Imposer::Gate, Measure::Mute, None)).await;
    assert!(matches!(gate, Outcome::Told { .. }), "{gate:?}");
    within(10, "muted by the gate", || is_muted(&sim, group, eve)).await;
    let day = (sim.member(group, eve).until * 1_000 - SystemClock.now()) / HOUR;
    assert!((23..=24).contains(&day), "{day} h");

    // The moderator's lasts longer, so Telegram is told again; the gate's lift changes nothing then.
    let mute = order(group, eve, ann, Measure::Mute, Some(72 * HOUR));
    assert!(matches!(impose(&app, mute).await, Outcome::Told { .. }));
    let out = free(&app, lift(group, eve, Imposer::Gate, Whose::Own)).await;
    assert!(matches!(out, Outcome::Covered { .. }), "{out:?}");
    let mine = lift(group, eve, Imposer::Gate, Whose::All);
    assert_eq!(free(&app, mine).await, Outcome::Refused(Why::NotYours));
    within(10, "muted for three days", || {
        sim.member(group, eve).until * 1_000 > SystemClock.now() + 71 * HOUR
    })
    .await;

    // Members of this group may not send polls, and so may not Eve when she is free.
    sim.set_permissions(group, &["can_send_messages", "can_send_photos"]);
    let out = free(&app, lift(group, eve, ann, Whose::Own)).await;
    assert!(matches!(out, Outcome::Told { .. }), "{out:?}");
    within(10, "free", || {
        sim.member(group, eve).status == Status::Member
    })
    .await;
    assert_eq!(sim.member(group, eve).can, sim.permissions(group));
    assert_eq!(ends(&app, group, eve).await, [End::Lifted, End::Lifted]);
    let again = free(&app, lift(group, eve, ann, Whose::Own)).await;
    assert_eq!(again, Outcome::Unchanged);
    assert_eq!(sim.call_violations(), []);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_outranks_a_mute_and_leaves_it_behind() {
    let sim = simulator();
    let (group, eve) = (sim.supergroup("The green"), sim.user("Eve"));
    sim.add_bot_admin(group);
    sim.join(group, eve);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let few = Measure::Restrict(Permissions::of(&["can_send_messages"]));
    impose(&app, order(group, eve, Imposer::Ladder, few, Some(HOUR))).await;
    impose(
        &app,
        order(
            group,
            eve,
            Imposer::Moderation,
            Measure::Ban,
            Some(24 * HOUR),
        ),
    )
    .await;
    within(10, "banned", || {
        sim.member(group, eve).status == Status::Kicked
    })
    .await;
    let out = free(
        &app,
        lift(group, eve, Imposer::Moderator(7), Whose::Entry(2)),
    )
    .await;
    assert!(matches!(out, Outcome::Told { .. }), "{out:?}");
    within(10, "restricted", || {
        sim.member(group, eve).status == Status::Restricted
    })
    .await;
    assert_eq!(sim.member(group, eve).can, ["can_send_messages"]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_and_masks_are_left_alone_and_basic_groups_know_no_mute() {
    let sim = simulator();
    let (green, basic) = (sim.supergroup("The green"), sim.group("The shed"));
    let (eve, adm) = (sim.user("Eve"), sim.user("Adm"));
    sim.add_bot_admin(green);
    sim.add_bot_admin(basic);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    // Changes of members are told from the first poll on.
    judged(&app, green, sim.say(green, eve, "hello")).await;
    judged(&app, basic, sim.say(basic, eve, "hello")).await;
    sim.promote(green, adm, &["can_delete_messages"]);
    let heard = "SELECT count(*) FROM members WHERE status = 'administrator'";
    until_value(&app, heard, 1).await;
    let mute = |chat, user| Order {
        asked: false,
        ..order(chat, user, Imposer::Moderation, Measure::Mute, Some(HOUR))
    };
    let refused = |why| Outcome::Refused(why);
    assert_eq!(impose(&app, mute(green, adm)).await, refused(Why::Admin));
    assert_eq!(
        impose(&app, mute(green, 777_000)).await,
        refused(Why::NotAPerson)
    );
    let own = sim.token().split(':').next().unwrap().parse().unwrap();
    assert_eq!(
        impose(&app, mute(green, own)).await,
        refused(Why::NotAPerson)
    );
    assert_eq!(
        impose(&app, mute(basic, eve)).await,
        refused(Why::BasicGroup)
    );
    let channel = Order {
        subject: Subject::Channel(-1_001),
        ..mute(green, 0)
    };
    assert_eq!(impose(&app, channel).await, refused(Why::OnlyBan));
    assert_eq!(sim.calls_of("restrictChatMember").len(), 0);
    app.stop().await;
}

const CHANGED: &str = "SELECT count(*) FROM chat_measures WHERE state = 0";

pub(crate) async fn quiet(
    app: &App,
    chat: i64,
    by: ChatImposer,
    few: &[&str],
    own: &[&str],
    span: Millis,
) {
    let now = SystemClock.now();
    let order = ChatOrder {
        chat,
        by,
        leaves: Permissions::of(few),
        until: now + span,
        own: Permissions::of(own),
    };
    app.store
        .write(move |tx| tx.change_chat(&order, now, None))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_group_gets_its_own_permissions_back_also_by_the_next_start() {
    let sim = simulator();
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    let own = ["can_send_messages", "can_send_photos", "can_invite_users"];
    sim.set_permissions(group, &own);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    judged(&app, group, sim.say(group, sim.owner(group), "hello")).await;
    let words = ["can_send_messages", "can_send_polls"];
    quiet(&app, group, ChatImposer::Raid, &words, &own, HOUR).await;
    within(10, "raid", || {
        sim.permissions(group) == ["can_send_messages"]
    })
    .await;
    quiet(&app, group, ChatImposer::Night, &[], &words, 2_000).await;
    within(10, "night", || sim.permissions(group).is_empty()).await;
    within(10, "morning, with a raid on", || {
        sim.permissions(group) == ["can_send_messages"]
    })
    .await;
    // Beadle is not there when the time comes.
    quiet(&app, group, ChatImposer::Raid, &words, &own, 1_000).await;
    app.stop().await;
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    assert_eq!(sim.permissions(group), ["can_send_messages"]);
    let app = house(&sim, dir.path()).await;
    within(10, "put back", || sim.permissions(group) == own).await;
    until_value(&app, "SELECT count(*) FROM chat_held", 0).await;
    assert_eq!(sim.call_violations(), []);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_that_were_changed_by_hand_meanwhile_stay() {
    let sim = simulator();
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(ShiftedClock::default());
    let shared = clock.clone();
    let app = house_with(&sim, dir.path(), "act", |ground| ground.clock = shared).await;
    judged(&app, group, sim.say(group, sim.owner(group), "hello")).await;
    let own = sim.permissions(group);
    quiet(&app, group, ChatImposer::Night, &[], &own, HOUR).await;
    within(10, "night", || sim.permissions(group).is_empty()).await;
    sim.set_permissions(group, &["can_send_messages"]);
    clock.shift(HOUR + 1_000);
    until_value(&app, CHANGED, 0).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(sim.permissions(group), ["can_send_messages"]);
    app.stop().await;
}
