//! How a newcomer is asked: by a message that only they see, by one in the group that goes again, or by letter.
use serde_json::{Value, json};

use super::settings;
use super::store::{self, Captcha};
use super::task::Task;
use crate::base::clock::Millis;
use crate::community::admission::{Applicant, Door};
use crate::community::fleeting::{self, Fleeting as _};
use crate::community::{group_on_disk, reach};
use crate::config::Mode;
use crate::features::moderation::order::store::treatments;
use crate::features::moderation::order::{Desk, mention};
use crate::store::{StoreError, Tx};
use crate::telegram::sender::text::{escape, name};
use crate::telegram::sender::{Effect, Send as _, SendLane, outbox};
use crate::texts::{Lang, text, when};

/// Questions put into one group in a minute, each to one person; beyond, one stands for all. Telegram lets a bot say
/// 20 things a minute in a group (Bot FAQ), and other things must be said too.
const ALONE: i64 = 8;
const MINUTE: Millis = 60_000;
/// How long a common question stands.
const SHARED_LIFE: Millis = 600_000;
/// For so long who asked to be let in may be written to (Bot API, ChatJoinRequest), less the way there.
const LETTERS: Millis = 290_000;

/// Asks somebody who begins to be held until `until`.
pub(super) fn ask(
    tx: &mut Tx<'_>,
    desk: &Desk,
    who: &Applicant,
    until: Millis,
) -> Result<(), StoreError> {
    let Some(group) = group_on_disk(tx, who.chat, Mode::default())? else {
        return Ok(());
    };
    let (settings, _) = settings::of(&group);
    let mut captcha = Captcha {
        chat: who.chat,
        user: who.user,
        task: Task::new(&settings, desk.community.random()),
        outside: who.door != Door::Join,
        wrong: 0,
        letters: who.user_chat,
        prompt: None,
        until,
    };
    let own = reach::language(tx, who.user)?;
    let tag = own.or(group.language);
    let lang = Lang::from_tag(tag.as_deref());
    let title = name(group.title.as_deref().unwrap_or("…"));
    let shown_until = until.min(who.now + settings.time);
    captcha.prompt = if captcha.outside {
        by_letter(tx, desk, &captcha, (&title, lang), who.now)?
    } else {
        in_group(tx, desk, &captcha, (&title, lang), shown_until, who.now)?
    };
    store::put(tx, &captcha, who.now)
}

fn by_letter(
    tx: &mut Tx<'_>,
    desk: &Desk,
    captcha: &Captcha,
    (title, lang): (&str, Lang),
    now: Millis,
) -> Result<Option<i64>, StoreError> {
    let Some(chat) = captcha.letters else {
        return Ok(None);
    };
    let (html, markup) = letter(desk, captcha, title, lang, now);
    let effect = Effect::send_html(chat, html, Some(markup))
        .lane(SendLane::Reply)
        .until(captcha.until.min(now + LETTERS));
    Ok(Some(tx.send(&effect, now, None)?))
}

fn in_group(
    tx: &mut Tx<'_>,
    desk: &Desk,
    captcha: &Captcha,
    (title, lang): (&str, Lang),
    until: Millis,
    now: Millis,
) -> Result<Option<i64>, StoreError> {
    let chat = captcha.chat;
    let bot = desk.link.bot();
    if bot.is_some() && store::asked_since(tx, chat, now - MINUTE)? >= ALONE {
        let stands = store::shared_at(tx, chat)?.is_some_and(|at| now - at < SHARED_LIFE / 2);
        if !stands {
            let html = text(
                lang,
                "captcha-shared",
                &[("group", title.to_owned().into())],
            );
            let markup = link(desk, chat, lang).map(|row| json!({ "inline_keyboard": [row] }));
            let effect = Effect::send_html(chat, html, markup).lane(SendLane::Moderation);
            let row = tx.send_fleeting(&effect, SHARED_LIFE, now, None)?;
            store::put_shared(tx, chat, row, now)?;
        }
        return Ok(None);
    }
    let person = treatments::name_of(tx, captcha.user)?;
    // The whole group may read it.
    let who = mention::in_public(captcha.user, person.as_deref(), "captcha-nameless", lang);
    let args = [
        ("who", who.into()),
        ("group", title.to_owned().into()),
        ("span", when::span(lang, until - now).into()),
    ];
    let first = match (captcha.task.button, &captcha.task.question) {
        (true, _) => "captcha-ask-button",
        (_, Some(_)) => "captcha-ask-question",
        _ => "captcha-ask-sum",
    };
    let html = format!("{}\n{}", text(lang, first, &args), sum(captcha, lang));
    let mut rows = buttons(desk, captcha, lang);
    if captcha.task.question.is_some() {
        rows.splice(0..0, link(desk, chat, lang));
    }
    let markup = Some(json!({ "inline_keyboard": rows }));
    let say = || Effect::send_html(chat, html.clone(), markup.clone()).lane(SendLane::Moderation);
    let mut effect = say().until(until);
    if outbox::may_whisper(tx, now)? {
        effect = say().until(until).whispered(captcha.user).or(effect);
    }
    let row = tx.send(&effect, now, None)?;
    // What only they see goes with their app; what stands in the group goes at the latest then.
    let at = until.min(now + fleeting::LONGEST);
    tx.sweep(row, chat, at, now)?;
    Ok(Some(row))
}

/// The question as it stands in private, for who asked to be let in or came by the link.
pub(super) fn letter(
    desk: &Desk,
    captcha: &Captcha,
    title: &str,
    lang: Lang,
    now: Millis,
) -> (String, Value) {
    let args = [
        ("group", title.to_owned().into()),
        (
            "span",
            when::span(lang, (captcha.until - now).max(0)).into(),
        ),
    ];
    let mut html = text(lang, "captcha-letter", &args);
    if let Some(question) = &captcha.task.question {
        html.push_str("\n\n<b>");
        html.push_str(&escape(&question.question));
        html.push_str("</b>\n");
        html.push_str(&text(lang, "captcha-type", &[]));
    } else if captcha.task.button {
        html.push_str("\n\n");
        html.push_str(&text(lang, "captcha-press", &[]));
    }
    html.push('\n');
    html.push_str(&sum(captcha, lang));
    let rows = buttons(desk, captcha, lang);
    (html, json!({ "inline_keyboard": rows }))
}

/// The sum, which may always be solved; words and digits, so that it can be read aloud.
fn sum(captcha: &Captcha, lang: Lang) -> String {
    let key = if captcha.task.button || captcha.task.question.is_some() {
        "captcha-or-sum"
    } else {
        "captcha-sum"
    };
    let (a, b) = (captcha.task.sum.a, captcha.task.sum.b);
    text(
        lang,
        key,
        &[("a", a.to_string().into()), ("b", b.to_string().into())],
    )
}

fn buttons(desk: &Desk, captcha: &Captcha, lang: Lang) -> Vec<Value> {
    let (chat, user) = (captcha.chat, captcha.user);
    let button = |label: String, choice: &str| {
        let data = desk
            .seal
            .data("captcha", &format!("{chat}:{user}:{choice}"), chat);
        json!({ "text": label, "callback_data": data })
    };
    let mut rows = Vec::new();
    if captcha.task.button {
        rows.push(json!([button(text(lang, "button-captcha", &[]), "ok")]));
    }
    let numbers = captcha.task.sum.options.iter();
    let numbers: Vec<Value> = numbers
        .map(|n| button(n.to_string(), &n.to_string()))
        .collect();
    rows.push(Value::Array(numbers));
    rows
}

/// A button that leads into the private chat, where the question is asked.
fn link(desk: &Desk, chat: i64, lang: Lang) -> Option<Value> {
    let bot = desk.link.bot()?;
    let url = format!("https://t.me/{bot}?start=captcha-{}", chat.unsigned_abs());
    Some(json!([{ "text": text(lang, "button-captcha-link", &[]), "url": url }]))
}

/// Takes a question out of the group that was answered, or is over.
pub(super) fn clear(tx: &mut Tx<'_>, captcha: &Captcha, now: Millis) -> Result<(), StoreError> {
    let Some(prompt) = captcha.prompt else {
        return Ok(());
    };
    let last = outbox::last(tx, prompt)?;
    if outbox::cancel(tx, last, now)? {
        return Ok(());
    }
    if let Some(row) = outbox::get(tx, last)?
        && let (Some(chat), Some(message)) = (row.chat.filter(|c| *c < 0), row.message_id())
    {
        tx.send(&Effect::delete(chat, message), now, None)?;
    }
    Ok(())
}
