# What people read, in English. A person sees sentences, never codes.

start-private = Hello! I am { $bot }, a beadle: I keep order in groups.
    Add me to a group and make me an admin who may delete messages. I begin by watching: nothing is removed until you say so.
    /help lists what I can do.
start-group = Hello! I watch over this group. /help lists what I can do, /why in reply to a message says what I think of it.
start-basic-group = Hello! I watch over this group and may remove spam here if you make me an admin.
    This is a basic group, and in those Telegram does not let bots mute anybody. To upgrade it to a supergroup, open the group's settings, make its chat history visible to new members and save. Members, admins and what I know stay.
    /help lists what I can do.
help = <b>What I can do</b>
    /why — in reply to a message: what I decided about it, and why
    /help — this list

    For admins:
    /init_group — get a group ready: rights, language, notice
    /settings — mode, language, log chat, thresholds
    /log — in another chat: show your group's cards there
    /spam, /ham — in reply: this is spam, or is not; I learn from it

    I read messages to keep spam out. Nothing leaves the machine that I run on.
why-nothing = I have nothing on that message. Reply with /why to a message I have seen.
why-clear = That message looks fine to me.
why-review = I am not sure about that message: { $reasons }.
why-spam = That message looks like spam: { $reasons }.
why-admin = It was written by an admin, and I do not judge admins.
removed-note = { $count ->
        [one] I removed a message that looks like spam.
       *[other] I removed { $count } messages that look like spam.
    }
button-why = Why?
alert-gone = I no longer know which message that was.

# Why a message was held for spam, or not; each stands in a list after a colon.
reason-spam-words = its words are like those of known spam
reason-spam-words-quoted = the words quoted from another chat are like those of known spam
reason-spam-words-button = its buttons are worded like known spam
reason-spam-words-attached = the words of its attachment are like those of known spam
reason-false-link = a link shows one address and leads to another
reason-hidden-link = a link is hidden under other words
reason-button-link = a button leads out of the chat
reason-external-quote-link = a link stands in a quote from another chat
reason-invite-link = it invites to another chat or bot
reason-homoglyphs = letters of another alphabet are hidden in its words
reason-invisible = invisible characters are hidden in its words
reason-direction = the writing direction is turned to hide words
reason-stacked-marks = marks are piled on its letters
reason-styled-letters = it is written in fancy letters
reason-spaced-words = its words are written with gaps between the letters
reason-digit-words = digits stand for letters
reason-edit-added-link = a link was added by editing
reason-edit-added-words = it was rewritten by editing
reason-contact-bait = it asks people to write in private
reason-money-promise = it promises easy money
reason-easy-terms = it praises easy terms
reason-repeated-text = the same text was posted here just before
reason-shouting = it is written in capitals
reason-emoji-heap = it is full of emoji
reason-newcomer = the sender is new here
reason-newcomer-link = there is a link among the sender's first messages
reason-forwarded = it is forwarded
reason-via-bot = it was sent through a bot
reason-other-chat = it answers a message of another chat
reason-channel-sender = it is written in the name of a channel
reason-card = it carries a contact or story or giveaway card
reason-album = another part of the same album is spam
reason-regular = the sender has long been writing here
reason-admin = the sender speaks for the group

# Cards in the log chat, or with the owner; what is decided there.
card-spam = 🔎 <b>This looks like spam</b> in { $group }
card-review = 🤔 <b>I am not sure about this</b> in { $group }
card-removed = 🧹 <b>I removed this as spam</b> in { $group }
card-author = { $count ->
        [0] From { $who }
        [one] From { $who }, one message so far
       *[other] From { $who }, { $count } messages so far
    }
card-channel = somebody who writes as a channel
card-wordless = (no words: { $content })
card-also = { $count ->
        [one] And one more message of theirs.
       *[other] And { $count } more messages of theirs.
    }
card-why = Because { $reasons }.
card-open = Open the message
card-decided-spam = ✅ Spam. { $by } decided, { $when }.
card-decided-ham = 🕊 Not spam. { $by } decided, { $when }.
card-decided-ban = ⛔ Spam, and its author is banned. { $by } decided, { $when }.
button-spam = Spam
button-ham = Not spam
button-ban = Ban
button-right = Right, spam
button-undo = Not spam, undo
button-reopen = Take it back
toast-spam = Thank you. The message goes, and I remember it as spam.
toast-ham = Thank you. It stays, and I remember that such messages are fine.
toast-ban = Done. The message goes and its author is banned.
toast-reopened = Taken back. The card is open again.
alert-card-gone = I no longer know that card. It may have been dealt with long ago.
alert-no-right = Only admins of the group who have the right to do that can decide here.
alert-rights-unknown = Telegram does not tell me right now who the admins are. Please tap again in a minute.
alert-open-already = Somebody has taken that back already; the card is open again.

# Spans of time.
span-days = { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
span-hours = { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
span-minutes = { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
# What a group taught, and messages that are known.
reason-learned-spam = it is like what the admins here removed
reason-learned-ham = it is like what the admins here allowed
reason-known-spam = it is nearly the same as a message that an admin here called spam
reason-known-ham = it is nearly the same as a message that an admin here allowed
reason-known-removed = it is nearly the same as a message that was removed here
reason-known-elsewhere = nearly the same message was spam in another group
reason-burst = the sender writes one message after another

# Cards: what was done, appeals, offers, and the way back.
card-appeal = 🙋 <b>Somebody appeals</b> in { $group }
card-offer = 📈 <b>{ $group } may be ready for mode act.</b>
    You have decided what I showed you for a week, and I would have been right nearly every time. In mode act I remove spam by myself, and you can undo each removal. These I would have removed:
card-warned = They were warned.
card-muted = They may not write { $until }.
card-banned = They are banned { $until }.
card-erased = This card was about somebody who had their data erased.
card-expired = Nobody decided, and the card is too old now.
card-decided-grant = 🕊 Appeal granted. { $by } decided, { $when }.
card-decided-refuse = Appeal refused. { $by } decided, { $when }.
card-decided-act = ✅ Mode act is on. { $by } decided, { $when }.
card-decided-later = The mode stays as it is. { $by } decided, { $when }.
button-grant = Grant, undo
button-refuse = Refuse
button-act = Switch to act
button-later = Not now
button-appeal = This is a mistake
toast-granted = Done. Everything is undone, and they are told.
toast-refused = Done. They are told.
toast-act = Mode act is on.
toast-later = All right. I will not ask again for a month.
alert-is-admin = That person is an admin of the group. I do not remove admins.
alert-own-decision = You made the decision that is appealed, so somebody else should look at this. There is another admin who can.
until = until { $when }
until-for = for { $span }, until { $when }
for-good = until an admin lifts it
undone = { $who } wrote, and I removed it by mistake. I am sorry.
    { $words }
undone-wordless = (It had no words, or I no longer have them.)
log-lost = I can no longer write to the log chat of { $group }, so its cards come to you. To name another chat, add me there and send /log.

# What is told to the person it is about.
told-warned = Your message in { $group } was removed, because { $reasons }.
    This is a warning. If it happens again, you will not be able to write there for a while.
told-muted = Your message in { $group } was removed, because { $reasons }.
    You cannot write there { $until }.
told-banned = You were removed from { $group }, because { $reasons }.
    You cannot come back { $until }.
told-granted = Your appeal in { $group } was granted, and everything was undone. I am sorry for the trouble.
told-refused = Your appeal in { $group } was looked at by an admin and refused.
note-muted = { $who } cannot write { $until }, because { $reasons }.
note-banned = { $who } is banned { $until }, because { $reasons }.
appeal-taken = Thank you. An admin will look at it, and I will tell you what they decide.
appeal-open = You have appealed already. An admin will look at it.
appeal-refused = An admin has looked at it already and refused. There is one appeal for each decision.
appeal-granted = That has been undone already.
appeal-not-yours = This button belongs to somebody else, or to something I no longer know.

# Commands.
anonymous-admin = an anonymous admin
refused-admins-only = Only admins of the group who have the right to do that can use this command.
label-how = Reply with /spam to a message that should go, or with /ham to one that I took for spam.
label-unknown = I have not seen that message, so I can learn nothing from it. Please delete it by hand.
init-head = <b>Getting { $group } ready</b>
init-delete = I may delete messages.
init-no-delete = I may not delete messages. Make me an admin with the right “Delete messages”.
init-restrict = I may mute and ban.
init-no-restrict = I may not mute or ban. Give me the right “Ban users”.
init-supergroup = This is a supergroup.
init-basic = This is a basic group, where Telegram lets me mute nobody. Make the chat history visible to new members in the group's settings: that upgrades it.
init-log = Cards go to a log chat.
init-no-log = No log chat: cards go to the owner in private, if they have sent me /start. For a log chat, add me to one and send /log there.
init-next = Choose the language I speak here. The notice tells your members what I keep; it is fair to post it once.
init-in-group = Please send /init_group in the group that I should look after.
mode-observe = Mode observe: I only write down what I think.
mode-suggest = Mode suggest: I change nothing here. What looks like spam I show on a card, and you decide.
mode-act = Mode act: I remove spam by myself, and each removal can be undone on its card.
settings-head = <b>Settings of { $group }</b>
settings-log-owner = Cards go to the owner in private. To choose a log chat, add me to one and send /log there.
settings-log-chat = Cards go to the log chat <code>{ $chat }</code>.
settings-thresholds = I ask from { $review } % on, and call it spam from { $spam } % on.
settings-steps = When I remove messages of one person: { $steps }.
settings-no-groups = I know no group in which you may change settings. Add me to your group as an admin and send /init_group there.
settings-choose = Which group?
step-warn = a warning
step-mute = mute for { $time }
step-ban = ban for { $time }
button-mode-observe = Observe
button-mode-suggest = Suggest
button-mode-act = Act
button-careful = Careful
button-usual = Usual
button-strict = Strict
button-notes-off = No notes about removals
button-notes-on = Notes about removals
button-log-off = No log chat
button-notice = Post the notice here
button-check-again = Check again
button-settings = All settings, in private
toast-set = Done.
log-how = Add me to the chat in which cards should stand, and send /log there.
log-anonymous = Please send /log as yourself and not as the group, so that I can see whose admin you are.
log-no-groups = I know no group whose settings you may change. Add me to your group as an admin first, then send /log here.
log-choose = Cards of which group should stand here? What is written in this chat I will then no longer judge.
log-set = Done. Cards about { $group } stand here from now on. What is written here I do not judge.
log-off = Done. Cards go to the owner in private.

# The menu of commands.
menu-start = What I am
menu-help = What I can do
menu-settings = Settings of your groups
menu-why = In reply: what I think of a message
menu-spam = In reply: this is spam, remove it
menu-ham = In reply: this is not spam
menu-init-group = Get this group ready
menu-privacy = What I keep, and how to have it erased
menu-log = Show cards of your group here

# What is kept of people, and how to have it erased.
privacy-title = <b>What I keep</b>
privacy-kept = I read the messages of this group to keep spam out.
    • Words and media of messages: { $words }; of removed ones: { $removed }, so that a mistake can be undone.
    • Updates as Telegram sent them: { $raw }; those that I could not handle: { $dead }.
    • What I wrote myself: { $calls }.
    • Your name, how many messages you sent, what I decided about them: while you are a member, and { $gone } after.
    • Who decided what in the group, by number: for good. Words and names beside it: { $audit }.
    • Logs: { $logs }. They hold numbers, never words or names.
privacy-remote-none = Everything stays on the machine that I run on. No outside service reads your messages.
privacy-remote = These services outside of my machine read messages: { $engines }.
privacy-operator = Whoever runs me answers for this: { $operator }.
privacy-operator-unknown = ask the admins of the group who that is
privacy-how-private = The button below has everything erased that I keep about you. Two things stay: if a group has banned you, a fingerprint of your number, so that the ban holds; and your number where the books say who decided what. If you do not want a reputation kept of you, press the last button. If you object to being judged at all, write to whoever runs me.
privacy-how-group = To see what I keep about you, or to have it erased, write /privacy to me in private. If you object to being judged by me, write to whoever runs me.
privacy-notice = Beadle, a bot, reads this group to keep spam out. It keeps words for { $words } and sends them to nobody. /privacy says more, and how to have yours erased.
button-erase = Erase what you keep about me
button-erase-yes = Yes, erase it for good
erase-question = I will erase your messages, your name and everything else that I keep about you, in all groups. Telegram keeps its own copies, and what you write from now on counts as new. This cannot be undone.
erase-taken = I have begun. I will write to you when it is done.
erase-under-way = I am at it already, and will write to you when it is done.
erase-done = Done: what I kept about you is erased. If you want this chat gone too, delete it in Telegram.
alert-erase-stale = This button is too old, or not yours. Write /privacy to me in private.
# The page at / for whoever runs Beadle.
page-version = Version
page-up = { $days ->
        [0] up { $hours } h { $minutes } min
       *[other] up { $days } d { $hours } h
    }
page-well = All is well. Beadle is keeping order.
page-starting = Beadle is starting: it waits for the first word from Telegram.
page-unwell = Something needs a look. What is marked below says what.
page-part-database = Database
page-part-telegram = Connection
page-part-inbox = Incoming
page-part-outbox = Outgoing
page-part-jobs = Jobs
page-part-disk = Disk
page-health = Health
page-ready = Readiness
page-metrics = Metrics
page-foot = Measured every five seconds.

# Reputation and other groups in verdicts
reason-distrusted = messages of the sender were removed here
reason-vouched = people here have spoken for the sender
reason-going-round = nearly the same message was just posted in other groups
button-others-off = Do not compare with other groups
button-others-on = Compare with other groups
# Settings by writing, their history; rights by name.
settings-timezone = Times are shown in { $zone }.
settings-how = To set by writing: <code>/settings ladder 3: mute 1h, 5: ban 7d</code>, also <code>thresholds 50 90</code>, <code>forget 30d</code>, <code>timezone Europe/Berlin</code>, <code>mode</code>, <code>language</code>, <code>notes</code>. What was changed: <code>/settings history</code>.
settings-which = Which group? Write it in the group itself, or put its number first: <code>/settings -1001234567890 ladder warn, mute 24h</code>.
settings-written = Done. { $name }: <code>{ $value }</code>
settings-bad-name = I know no setting “{ $word }”. There are ladder, thresholds, forget, timezone, mode, language and notes; and history, diff and rollback.
settings-bad-step = I do not understand “{ $word }”. A step is <code>warn</code>, <code>mute 1h</code> (m, h or d) or <code>ban 7d</code>, of at most 365 days. For example: <code>/settings ladder 3: mute 1h, 5: ban 7d</code>
settings-bad-rung = “{ $word }” does not fit there. The number before the colon says from which removal on a step holds; numbers rise, from 1 to 20. For example: <code>/settings ladder 1: warn, 3: mute 1h, 5: ban 7d</code>
settings-bad-thresholds = I do not understand “{ $word }”. Write two percentages from 1 to 99, the lower first: from where on I ask, and from where on it is spam. For example: <code>/settings thresholds 50 90</code>
settings-bad-forget = I do not understand “{ $word }”. Write after how many days a strike is forgotten, 1 to 365: <code>/settings forget 30d</code>
settings-bad-timezone = I know no time zone “{ $word }”. Write its name as in <code>/settings timezone Europe/Berlin</code>, or <code>UTC</code>.
settings-bad-mode = “{ $word }” is no mode. There are observe, suggest and act.
settings-bad-language = I do not speak “{ $word }”. Write <code>en</code> or <code>ru</code>.
settings-bad-notes = Write <code>/settings notes on</code> or <code>off</code>.
settings-bad-number = “{ $word }” is no number of a change. /settings history shows them.
settings-no-version = I keep no change { $word } of this group, or nothing before it. /settings history shows which there are.
settings-no-history = Nothing has been changed yet.
settings-history = <b>Changes of the settings</b>, the last first. <code>/settings diff N</code> shows one, <code>/settings rollback N</code> lets hold again what held from then on.
settings-diff = Change { $word }:
settings-same = Change { $word } left everything as it was.
settings-rolled-back = Done: what held from change { $rev } on holds again. This is change { $new }, and can be taken back like any other.
rights-in-group = Please send /rights in the group that it is about.
rights-owner-only = Only the owner of the group can do that, under their own name.
rights-how = Write who and what: <code>/rights @name +ban -delete</code>, or in reply to somebody <code>/rights +settings</code>. There are delete (cards, /spam, /ham), ban (bans, appeals) and settings; <code>/rights @name reset</code> takes it all back.
rights-unknown-person = I have not seen that person here. They must have written something first; or reply to a message of theirs.
rights-own = You are the owner and have every right.
rights-none = Everybody may do here what Telegram's rights say. To change that for somebody: <code>/rights @name +ban -delete</code>
rights-head = <b>Beside Telegram's rights</b>
menu-rights = Who may do what with me here
# Words are kept for so long.
settings-keep = Words of messages are kept for { $time }; a row of buttons below makes that shorter.

# Told to whoever runs Beadle, in private, when something is wrong with it.
alarm-over = Over: { $name }. It lasted { $time }.
alarm-database = <b>The database does not take writes.</b> I handle nothing until it does; nothing that Telegram has is lost. Look at the disk of the data directory, and at <code>beadle doctor</code>.
alarm-database-name = the database did not take writes
alarm-disk = <b>The disk is nearly full, or full.</b> I no longer keep words and media; moderation goes on for as long as there is room at all. Please make room.
alarm-disk-name = the disk was nearly full
alarm-damage = <b>The database is damaged.</b> Stop me, keep a copy of the data directory, and see what <code>beadle db check</code> says. A backup is the way back.
alarm-damage-name = the database was damaged
alarm-rate-limits = <b>Telegram makes me wait.</b> It asked { $figure } times within the last minute, and has for some minutes. What I do in busy groups comes late; <code>beadle outbox</code> shows what waits.
alarm-rate-limits-name = Telegram made me wait
alarm-slow-database = <b>The database is slow.</b> 95 of 100 reads take up to { $figure } ms. Another program may use the disk; <code>beadle doctor</code> looks for more.
alarm-slow-database-name = the database was slow
alarm-dead-letters = <b>I could not handle some updates.</b> Within the last hour: { $figure }. They are kept; <code>beadle inbox</code> says why, and how to try again.
alarm-dead-letters-name = updates could not be handled
alarm-failed-jobs = <b>Background work has failed for good:</b> { $figure }. <code>beadle jobs list --state dead</code> says why, and <code>beadle jobs retry</code> tries again.
alarm-failed-jobs-name = background work failed
alarm-jobs-stuck = <b>The job queue stands still.</b> Nothing is deleted or looked after in the background. <code>beadle doctor</code> looks for the cause; a restart is harmless.
alarm-jobs-stuck-name = the job queue stood still
alarm-cache-hits = <b>A cache answers too little</b> ({ $figure } of its questions). I work, but slower than I could; the groups may have outgrown it.
alarm-cache-hits-name = a cache answered too little
# A copy of what is kept of a person.
button-copy = Send me what you keep about me
copy-taken = I am putting it together and will send you a file in this chat.
copy-not-yet = You may have one copy a day. Ask again after { $when }.
copy-here = What I keep about you. Other people's words and names are left out.
copy-part = What I keep about you, part { $part }. There is more to come.
copy-cut = What I keep about you, part { $part }. There is more than I can send: ask whoever runs me for the rest.
privacy-reckoned = From what is judged about your messages I reckon up one number for each group and one for all groups, your reputation: what was removed lowers it, good messages and time bring it back. It helps me to tell whom a group knows from strangers. Nothing else is worked out about you.
button-object = Keep no reputation of me
button-agree = Keep a reputation of me again
objected = I keep no reputation of you any more. Each message is still judged, as a newcomer's may be; warnings and bans stay.
agreed = I keep a reputation of you again, from now on.
# Log chats: who may choose.
log-not-here = Only admins of this chat who may change its info can have cards stand here.

# Cards that may no longer show what they showed.
card-upgraded = The group became a supergroup, and Telegram numbers its messages anew: I can no longer tell which one this card was about. If it is still there, please look at it yourself.
offer-erased = This offer quoted somebody who had their data erased.

# Rights of those who undo, and of anonymous admins.
alert-frees = To undo this frees somebody who is muted or banned, and for that you need the right “Ban users”.
refused-anonymous = I cannot see which of the anonymous admins you are, and not all of them have the right to do that. Please send it as yourself.

# What could not be done, and what a person decided.
reason-by-admin = an admin here said that it is spam
reason-unnamed = it looked like spam
card-decided-noban = ✅ Spam. { $by } decided, { $when }. A ban was chosen, but its author is not banned: I lack the right “Ban users” there, or Telegram refused.
alert-not-banned = The message goes, but its author is not banned: I am no admin with the right “Ban users” in that group.
told-not-done = A correction: what I told you about not being able to write in { $group } did not come about. The message stays removed.
told-unheard = Nobody has looked at your appeal in { $group } for a week, and I am sorry for that. If it still matters, you can appeal again.
appeal-waits = Thank you. I cannot reach an admin of that group at the moment. I will show it to them as soon as I can, and tell you what they decide.

# Campaigns: nearly the same words of several people, on one card
card-campaign = { $count ->
        [one] One more message says nearly the same; they are of { $authors } people.
       *[other] { $count } more messages say nearly the same; they are of { $authors } people.
    }
button-ban-all-sure = Yes, ban all { $count }
button-spam-only = Only remove the messages
card-decided-all = ⛔ Spam, and all who sent it are banned. { $by } decided, { $when }.
toast-ban-all-sure = This would ban { $count } people. Tap again to do it.
toast-ban-all = Done. The messages go, and all who sent them are banned.
