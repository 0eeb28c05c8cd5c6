# What people read, in English. A person sees sentences, never codes.

start-private = Hello! I am { $bot }, a beadle: I keep order in groups.
    Add me to a group and make me an admin who may delete messages. I begin by watching: nothing is removed until you say so.
    /help lists what I can do.
start-group = Hello! I watch over this group. /help lists what I can do, /why in reply to a message says what I think of it.
start-basic-group = Hello! I watch over this group and may remove spam here if you make me an admin.
    This is a basic group, and in those Telegram does not let bots mute anybody. To upgrade it to a supergroup, open the group's settings, make its chat history visible to new members and save. Members, admins and what I know stay.
    /help lists what I can do.
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
button-careful = Careful
button-usual = Usual
button-strict = Strict
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
# Settings by writing, their history; rights by name.
settings-timezone = Times are shown in { $zone }.
settings-how = What is not on a button is written: <code>/set moderation.steps 3: mute 1h, 5: ban 7d</code>, here or in the group. <code>default</code> as the value takes a choice back. What was changed: <code>/settings history</code>.
settings-which = Which group? Write it in the group itself, or put its number first: <code>/set -1001234567890 moderation.steps warn, mute 24h</code>.
settings-written = Done. { $what }
settings-bad-name = I know no setting “{ $word }”.{ $near } /settings shows all; there are history, diff and rollback beside them.
settings-bad-thresholds = I do not understand “{ $word }”. Write two percentages from 1 to 99, the lower first: from where on I ask, and from where on it is spam. For example: <code>/settings thresholds 50 90</code>
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
settings-keep = Words of messages are kept for { $time }.

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
### Newcomers: names of settings, and reasons by kind
set-newcomers-link = Newcomers: links
set-newcomers-invite = Newcomers: invitations
set-newcomers-mention = Newcomers: mentions
set-newcomers-photo = Newcomers: pictures
set-newcomers-video = Newcomers: videos
set-newcomers-animation = Newcomers: animations
set-newcomers-audio = Newcomers: music
set-newcomers-document = Newcomers: files
set-newcomers-voice = Newcomers: voice notes
set-newcomers-video-note = Newcomers: video notes
set-newcomers-sticker = Newcomers: stickers
set-newcomers-custom-emoji = Newcomers: custom emoji
set-newcomers-emoji-text = Newcomers: text of emoji
set-newcomers-contact = Newcomers: contact cards
set-newcomers-location = Newcomers: places
set-newcomers-story = Newcomers: stories
set-newcomers-giveaway = Newcomers: giveaways
set-newcomers-button = Newcomers: buttons
set-newcomers-via-bot = Newcomers: through bots
set-newcomers-forward = Newcomers: forwards
set-newcomers-forward-hidden = Newcomers: forwards from hidden accounts
set-newcomers-forward-channel = Newcomers: forwards from channels
set-newcomers-quote = Newcomers: quotes
set-newcomers-external-reply = Newcomers: answers to other chats
set-newcomers-dice = Newcomers: dice
set-newcomers-poll = Newcomers: polls
set-newcomers-game = Newcomers: games
set-newcomers-checklist = Newcomers: checklists
set-newcomers-invoice = Newcomers: invoices
set-newcomers-paid-media = Newcomers: paid media
set-newcomers-channel-sender = Newcomers: in a channel's name
set-newcomers-bot = Newcomers: bots that are no admins
set-newcomers-command = Newcomers: commands
set-newcomers-unknown = Newcomers: unknown kinds
set-newcomers-wordless = Newcomers: first messages without words
set-newcomers-first-comment = Newcomers: instant comments
set-newcomers-copied = Newcomers: copied words
set-newcomers-profile = Newcomers: advertising profiles
set-newcomers-reaction = Newcomers: reactions of advertising profiles
reason-newcomers-link = a newcomer sent a link
reason-newcomers-invite = a newcomer invites to another chat
reason-newcomers-mention = a newcomer mentioned somebody by name
reason-newcomers-photo = a newcomer sent a picture
reason-newcomers-video = a newcomer sent a video
reason-newcomers-animation = a newcomer sent an animation
reason-newcomers-audio = a newcomer sent music
reason-newcomers-document = a newcomer sent a file
reason-newcomers-voice = a newcomer sent a voice note
reason-newcomers-video-note = a newcomer sent a video note
reason-newcomers-sticker = a newcomer sent a sticker
reason-newcomers-custom-emoji = a newcomer used custom emoji
reason-newcomers-emoji-text = a newcomer wrote in custom emoji instead of letters
reason-newcomers-contact = a newcomer sent a contact card
reason-newcomers-location = a newcomer sent a place
reason-newcomers-story = a newcomer shared a story
reason-newcomers-giveaway = a newcomer posted a giveaway
reason-newcomers-button = a newcomer's message has buttons
reason-newcomers-via-bot = a newcomer sent it through a bot
reason-newcomers-forward = a newcomer forwarded it
reason-newcomers-forward-hidden = a newcomer forwarded it from a hidden account
reason-newcomers-forward-channel = a newcomer forwarded it from a channel
reason-newcomers-quote = a newcomer quoted another message
reason-newcomers-external-reply = a newcomer answered a message of another chat
reason-newcomers-dice = a newcomer threw a dice
reason-newcomers-poll = a newcomer made a poll
reason-newcomers-game = a newcomer sent a game
reason-newcomers-checklist = a newcomer sent a checklist
reason-newcomers-invoice = a newcomer sent an invoice
reason-newcomers-paid-media = a newcomer sent paid media
reason-newcomers-channel-sender = somebody new here wrote in a channel's name
reason-newcomers-bot = a bot that is no admin wrote it
reason-newcomers-command = a newcomer sent a command
reason-newcomers-unknown = a newcomer sent content of an unknown kind
reason-newcomers-wordless = the first message of the sender is media with hardly a word
reason-newcomers-first-comment = a newcomer commented within seconds of the post
reason-newcomers-copied = a newcomer repeated another member's words
reason-newcomers-profile = the sender's name or profile advertises
reason-name-advertises = the sender's name advertises
reason-bio-advertises = the sender's profile advertises
reason-first-comment = it was written within seconds of the channel's post
reason-copied = it repeats another member's words
# Newcomers: what they are asked at the door.
captcha-ask-button = { $who }, welcome to { $group }! Please press the button to show that you are a person; until then you cannot write here. You have { $span }.
captcha-ask-question = { $who }, welcome to { $group }! This group asks newcomers a question before they may write: press the first button to answer it. You have { $span }.
captcha-ask-sum = { $who }, welcome to { $group }! Please solve this to show that you are a person; until then you cannot write here. You have { $span }.
captcha-shared = Welcome to { $group }! Who has just joined and cannot write yet: please press the button and answer a short question.
captcha-letter = { $group } asks a short question of everybody who wants to come in. You have { $span }.
captcha-type = Send me the answer as a message.
captcha-press = Press the first button to show that you are a person.
captcha-sum = How much is { $a } plus { $b }?
captcha-or-sum = Or, if that is easier: how much is { $a } plus { $b }?
button-captcha = I am a person
button-captcha-link = Answer in private
captcha-right = Thank you, and welcome!
captcha-wrong = That is not right. Tries left: { $left }.
captcha-failed = That was not right, and there are no tries left. If you are a person after all, please come again later or write to the group's admins.
captcha-over = There is nothing to answer any more.
captcha-not-yours = This question is for somebody else; you need not answer anything.
set-captcha-kind = What newcomers are asked
set-captcha-time = Time for the answer
set-captcha-then = After no answer
set-captcha-questions = The group's own questions
set-raid-joins = Joins that are a raid
set-raid-within = The time in which they are
set-raid-calm = Quiet after which a raid is over
set-raid-then = What becomes of raiders

# Raids.
raid-card-surge = 🚨 A raid on { $group }: { $count } newcomers since { $when }.
raid-card-by-hand = 🛡 Raid mode in { $group }, switched on at { $when }. Newcomers since: { $count }.
raid-card-over = ✅ The raid on { $group } that began at { $when } is over. Newcomers: { $count }.
raid-card-count = Held: { $held }. Put out: { $removed }. Let in: { $free }.
raid-did-restrict = ✅ Whoever comes cannot write, for a day at most. People who were in before are untouched.
raid-did-no-restrict = ❌ I cannot hold anybody: I lack the right “Ban users”.
raid-did-links = ✅ My invite links now need approval: { $count }.
raid-did-links-back = ✅ My invite links are as they were: { $count }.
raid-did-links-refused = ❌ I cannot change my invite links ({ $count }): I lack the right “Invite users via link”.
raid-did-no-links = ➖ There are no invite links of mine to change (/invite makes one).
raid-entry-public = 👉 A bot cannot close the public entry. Two taps: group settings → “Group type”, then switch on “Approve new members”.
raid-entry-links = 👉 I cannot change other people's links. Two taps: group settings → “Invite links”, then revoke the one they come by.
button-raid-end = End raid mode
button-raid-remove = Put all of them out
button-raid-free = Let all of them in
button-raid-undo = Undo: let them come back
toast-raid-ended = Raid mode is off.
toast-raid-over = It was off already.
toast-raid-decided = I am on it; the card will say how far I am.
raid-only-in-groups = Please say this in the group that it is about; it has to be a supergroup.
raid-on = Raid mode is on: whoever comes now is held. It ends with /raid off, or after a day.
raid-on-already = Raid mode is on already.
raid-off = Raid mode is off; what I changed is as it was.
raid-off-already = Raid mode is off already.
raid-how = Please write /raid on, /raid off or /raid status.
raid-never = There has been no raid here.
raid-goes-on = Raid mode is on. Newcomers since: { $count }, held: { $held }, put out: { $removed }.
raid-was = Raid mode is off. In the last raid { $count } came; held: { $held }, put out: { $removed }.
invite-link = A link of mine, which I can close in a raid: { $link }
invite-failed = Telegram did not make a link. Have I the right “Invite users via link”?
# House rules: what admins wrote.
reason-house-word = it holds something that is on this group's blacklist
reason-house-lock = messages of this kind are not wanted here
reason-house-flood = too many messages came in a short time
reason-house-same = the same was written too often
reason-house-slow = it came too soon after the one before
why-house = I removed it by a rule that the admins of this group made: { $reasons }.
house-removed = I removed a message: { $reason }.
house-slow = Slow mode is on: the next message may come in { $wait }.
house-in-group = Please send that in the group that it is about.
house-more = … and { $count } more.
house-full = There is room for { $count } of these, and no more. Take one away first.
house-no-words = What should I say? Write it behind the command, or reply to a message that says it.
house-long = That is too long: a text may have 4 KiB, about 4,000 Latin or 2,000 Cyrillic letters.
house-gone = Done. It is gone.
blacklist-how = What may not be said here: <code>/blacklist add casino*</code>, with what follows <code>/blacklist add mute 1h "easy money"</code>, as a pattern <code>/blacklist add warn /buy \w+ now/</code>; one a line. What follows is delete, warn, mute or ban. <code>/blacklist remove casino*</code> takes one away, <code>/blacklist</code> lists them. I see through disguised letters.
blacklist-empty = The blacklist is empty. To add to it: <code>/blacklist add casino*</code>
blacklist-head = <b>The blacklist</b> ({ $count })
blacklist-added = Done. <code>{ $word }</code>: { $action }
blacklist-added-many = Done. { $count } entries are on the blacklist.
blacklist-removed = <code>{ $word }</code> is off the blacklist.
blacklist-unknown = <code>{ $word }</code> is not on the blacklist. /blacklist shows what is.
blacklist-patterns = A group may have { $count } patterns. Words, also with <code>*</code>, cost less, and there may be more of them.
blacklist-bad-empty = <code>{ $word }</code> holds no letter or digit to look for.{ $why }
blacklist-bad-long = <code>{ $word }</code> is too long: an entry may have { $why } KiB.
blacklist-bad-syntax = <code>{ $word }</code> is not a pattern that I can read: { $why }. A plain word needs no slashes.
blacklist-bad-large = The pattern <code>{ $word }</code> grows too large once its repetitions are written out. Shorter ones, as <code>{"{"}1,20{"}"}</code>, are fine.{ $why }
blacklist-bad-everything = The pattern <code>{ $word }</code> would match every message.{ $why }
lock-how = <code>/lock link, sticker warn, forward mute 1h</code> removes messages of these kinds; <code>/unlock link</code> or <code>/unlock all</code> lets them be. Kinds: { $kinds }. Locked now: { $value }.
lock-bad = I do not understand “{ $word }”. Write a kind and what follows: <code>/lock sticker warn</code>. /lock alone lists the kinds; what follows is delete, warn, mute 1h or ban 7d.
locks-now = Locked here: { $value }.
locks-none = Nothing is locked here.
flood-how = <code>/flood 5 10s mute 1h</code>: who writes more than 5 messages in 10 seconds is muted for an hour. <code>/flood same 2 10m</code>: the same may come twice in 10 minutes. <code>/flood off</code>, <code>/flood same off</code>. Now: { $flood }; the same: { $same }.
flood-bad = I do not understand “{ $word }”. Write how many messages (1 to 50) in how long (1s to 1h), and what follows: <code>/flood 5 10s mute 1h</code>, or <code>/flood off</code>.
flood-set = Done. More messages of one person than this are too many: { $value }.
flood-off = Done. Nobody's messages are counted any more ({ $value }).
flood-same-set = Done. The same from one person more often than this is too often: { $value }.
flood-same-off = Done. The same may be written as often as one likes ({ $value }).
slowmode-how = <code>/slowmode 30s</code>: one message of each member in 30 seconds, up to 1h; <code>/slowmode off</code>. Now: { $value }.
slowmode-bad = I do not understand “{ $word }”. Write <code>/slowmode 30s</code>, of at most 1h, or <code>/slowmode off</code>.
slowmode-set = Done. Members may write one message in { $value }; what comes sooner I remove.
slowmode-off = Done. Slow mode is off ({ $value }).
night-how = <code>/nightmode 23:00-07:00</code>: members cannot write in these hours, by the group's clock (<code>/settings timezone Europe/Berlin</code>); <code>/nightmode off</code>. Now: { $value }.
night-bad = I do not understand “{ $word }”. Write two times of day: <code>/nightmode 23:00-07:00</code>, or <code>/nightmode off</code>.
night-set = Done. At { $value } ({ $zone }) members cannot write; what the group allows comes back in the morning by itself.
night-off = Done. There is no night mode any more; if it is night now, I open the group within a minute.
night-no-right = For that I need the right “Ban users” here: only with it may I change what members can do.
night-begins = 🌙 Good night. Until the morning ({ $hours }) nobody but admins can write here.
night-over = ☀️ Good morning. Everybody can write again.
clean-how = <code>/clean joins, leaves, pins</code> removes Telegram's own notices of these kinds; <code>/clean off</code>. Kinds: { $kinds }. Now: { $value }.
clean-bad = I do not understand “{ $word }”. /clean alone lists the kinds: <code>/clean joins, pins</code>, <code>/clean all</code>, <code>/clean off</code>.
clean-set = Done. These notices I remove: { $value }.
clean-off = Done. Telegram's notices stay ({ $value }).
rules-none = This group has written no rules down. An admin can: <code>/rules set Be kind.</code>
rules-here = The rules of this group: press the button, and I show them to you in private.
rules-of = <b>Rules of { $group }</b>

    { $rules }
rules-unknown = I have no rules of that group to show to you. Perhaps it wrote none, or you are not in it.
rules-set = Done. /rules shows them.
button-rules = Read the rules
welcome-how = <code>/welcome set Hello {"{"}name{"}"}, welcome to {"{"}group{"}"}!</code> greets whoever was let in; <code>/welcome off</code>. I print a name only when the profile was checked. Now: { $now }
welcome-set = Done. Newcomers are greeted with it.
goodbye-how = <code>/goodbye set …</code> is said when somebody leaves, without their name; <code>/goodbye off</code>. Now: { $now }
goodbye-set = Done. It is said when somebody leaves.
greet-nameless = there
note-how = <code>/save name text</code> keeps a note, also in reply to a message that says it; <code>/note name</code> or <code>#name</code> shows it, <code>/notes</code> lists all, <code>/clear name</code> takes it away.
note-bad-name = A note's name has at most 32 letters, digits, <code>_</code> and <code>-</code>.
note-unknown = There is no note “{ $word }”. /notes lists all.
note-saved = Done. <code>#{ $word }</code> shows it.
note-cleared = The note “{ $word }” is gone.
notes-none = There are no notes yet. An admin can write one: <code>/save faq text</code>
notes-head = <b>Notes</b>, shown by their name:
filter-how = <code>/filter keyword answer</code>, <code>/filter "several words" answer</code>: what I say when somebody says it; <code>/filters</code> lists all, <code>/stop keyword</code> takes one away.
filter-bad-keyword = A keyword has at least one letter or digit, and at most 100 characters.
filter-unknown = There is no answer for “{ $word }”. /filters lists all.
filter-set = Done. I answer when somebody says “{ $word }”.
filter-stopped = I do not answer “{ $word }” any more.
filters-none = There are no answers to keywords yet. An admin can write one: <code>/filter keyword answer</code>
filters-head = <b>Keywords that I answer</b>
# The hub of settings: sections, values, questions.
settings-private = Settings are changed in private, where nobody has to read along.
settings-near = { " " }Did you mean <code>{ $path }</code>?
settings-bad-value = I do not understand “{ $word }” for <code>{ $path }</code>: { $right }.
hub-mode = Mode and sensitivity
hub-new = Newcomers
hub-door = Captcha and raids
hub-house = House rules
hub-people = Reports and tools
hub-texts = What I say
hub-group = Language and times
hub-more = More
hub-on = on
hub-off = off
hub-unset = not set
hub-usual = as usual
hub-shape = You may write: { $shape }.
hub-ask = Write the new value of { $name } as an answer to this message, within five minutes. It may be: { $shape }.
hub-late = That was too late: more than five minutes have passed. Please press the button again.
hub-not-so = I do not understand that.
shape-number = a whole number from { $min } to { $max }
shape-share = a number from 0 to 1
shape-span = a length of time from { $min } to { $max }, as <code>10m</code>
shape-span-off = a length of time up to { $max }, as <code>10m</code>, or off
shape-text = at most { $max } characters
shape-texts = at most { $count } lines, each of at most { $each } characters
shape-chat = the number of a chat, or off
button-back = ‹ Back
button-new-value = Write a new value
button-as-usual = As usual
alert-hub-gone = I no longer know that button. Please send /settings again.

# Settings by their paths, and the words of choices.
set-mode = Mode
set-mode-observe = Observe
set-mode-suggest = Suggest
set-mode-act = Act
set-language = Language
set-language-en = English
set-language-ru = Russian
set-timezone = Time zone
set-keep-words = Words are kept
set-keep-words-1d = 1 day
set-keep-words-7d = 7 days
set-keep-words-30d = 30 days
set-moderation-review-at = Ask from
set-moderation-spam-at = Spam from
set-moderation-steps = What follows removals
set-moderation-forget-after-days = Days after which a removal is forgotten
set-moderation-notes = Notes about removals
set-moderation-other-groups = Compare with other groups

# Figures of a group.
stats-in-group = Please send /stats in the group that it is about.
stats-how = Write <code>/stats</code> for the last 7 days or <code>/stats 30</code> for the last 30.
stats-head = <b>The last { $days } days</b>
stats-messages = Messages: { $messages }, removed: { $removed }.
stats-right = Precision { $precision }, recall { $recall }, as you decided: { $right } right, { $wrong } taken back, { $missed } missed.
stats-mistakes = Taken back: { $links }

# Texts that a group may word itself.
set-texts-removed-note = Note: a message was removed
set-texts-note-muted = Note: somebody is muted
set-texts-note-banned = Note: somebody is banned
set-texts-told-warned = To somebody who is warned
set-texts-told-muted = To somebody who is muted
set-texts-told-banned = To somebody who is banned
# Commands of moderators about people and messages.
tool-in-group = Please send this in the group that it is about.
tool-no-target = About whom? Answer a message of theirs with <code>/{ $command }</code>, or name them: <code>/{ $command } @name</code>, or by their number.
tool-unknown-name = I have not seen “{ $word }” here, and Telegram does not tell bots whose name that is. Please answer a message of theirs instead, or name them by their number.
tool-unknown-id = I do not know anybody with the number { $word }, and neither does Telegram tell me. Please answer a message of theirs instead.
tool-ourselves = That was written as the group itself, by an admin, and nobody tells me by which. I do not treat admins.
tool-not-a-sender = { $word } is no person and no channel that could write here. Please answer a message of theirs instead.
tool-not-a-person = That is not a person: it is me, or one of Telegram's own accounts, as which many speak.
tool-is-me = That is me. If I did something wrong, tell the owner; to be rid of me, remove me from the group.
tool-is-owner = That is the owner of the group. There is nothing I can do to the owner.
tool-only-ban = A channel can be warned or banned, and nothing else: Telegram knows nothing less for it. <code>/ban</code> stops it from writing here.
tool-basic-group = In a basic group Telegram lets nobody be muted. Make it a supergroup (for instance by showing its history to new members), or use <code>/kick</code> or <code>/ban</code>.
tool-away = I am not in that group any more.
tool-own-restrict = I cannot do that: I need to be an admin here with the right “Ban users”.
tool-own-delete = I cannot do that: I need to be an admin here with the right “Delete messages”.
tool-need-delete = This would remove the message, too, and for that you need the right “Delete messages”.
tool-span-missing = For how long? Write it after the name, such as <code>30m</code>, <code>2h30m</code> or <code>7d</code>. Without an end: <code>/mute</code> or <code>/ban</code>.
tool-span-unit = That is a number without a unit. Write <code>30m</code>, <code>2h30m</code> or <code>7d</code>.
tool-span-zero = A length of time must be more than nothing. Write <code>30m</code>, <code>2h30m</code> or <code>7d</code>.
tool-span-long = That is longer than ten years. Without a time it holds until an admin lifts it: <code>/mute</code> or <code>/ban</code>.
tool-reason = Reason: { $words }
tool-warned = { $who } is warned ({ $count } of { $most }).
tool-muted = { $who } may not write { $until }.
tool-kicked = { $who } was removed from the group, and may come back in a minute.
tool-banned = { $who } is banned { $until }.
tool-logged = { $by } in { $group }: { $what }
tool-unwarned = { $count ->
    [one] A warning of { $who } is taken back; { $left } left.
   *[other] { $count } warnings of { $who } are taken back; { $left } left.
}
tool-no-warns = { $who } has no warnings.
tool-warns = { $who } has { $count ->
    [one] one warning
   *[other] { $count } warnings
} that count; there are { $most } steps.
tool-warns-line = • { $when }, counts until { $until }
tool-is-banned = { $who } is not muted but banned. To let them in again: <code>/unban</code>.
tool-unmuted = { $who } may write again.
tool-not-muted = I know of nothing that keeps { $who } from writing; I asked Telegram to lift whatever there may be.
tool-unbanned = { $who } may come back.
tool-not-banned = I know of no ban against { $who }; I asked Telegram to lift whatever there may be.
tool-approved = { $who } is approved: I do nothing to them by myself any more, but show an admin what I would have done.
tool-approved-already = { $who } is approved already.
tool-trusted = { $who } counts as known to the group from now on, and I do nothing to them by myself.
tool-trusted-already = { $who } is trusted already.
tool-unapproved = { $who } is judged like everybody else again.
tool-not-approved = { $who } was not approved.
tool-del-how = Answer the message that is to go with <code>/del</code>.
tool-purge-how = Answer the first message that is to go with <code>/purge</code>, or say how many of the last are to go: <code>/purge 20</code>.
tool-purge-none = There is nothing that I could remove.
tool-purge-old = That is older than 48 hours, and Telegram does not let bots remove it. An admin can, by hand.
tool-purged = { $count ->
    [one] One message is removed.
   *[other] { $count } messages are removed.
}
tool-purge-left = { $count ->
    [one] One more is
   *[other] { $count } more are
} older than 48 hours: those Telegram does not let bots remove.
tool-purge-more = These were the last { $most }; more do not go at once.
tool-undo-how = That is a button under what a command did, not a command.
button-tool-undo = Take it back
toast-undone = Taken back.
told-hand-warned = An admin of { $group } warns you, because { $reasons }.
told-hand-muted = An admin of { $group } has muted you, because { $reasons }.
    You cannot write there { $until }.
told-hand-kicked = An admin has removed you from { $group }, because { $reasons }.
    You may come back if you want to.
told-hand-banned = An admin has banned you from { $group }, because { $reasons }.
    You cannot come back { $until }.
note-kicked = { $who } was removed from the group, because { $reasons }.
reason-by-command = an admin here decided so
menu-warn = In reply: warn somebody
menu-mute = In reply: somebody may not write; a time like 2h30m may follow
menu-ban = In reply: somebody has to go; a time like 7d may follow
menu-kick = In reply: somebody has to go, and may come back
menu-unmute = Somebody may write again
menu-unban = Somebody may come back
menu-unwarn = Take the last warning back
menu-warns = Warnings, yours or somebody's
menu-del = In reply: remove a message
menu-purge = In reply: remove everything from there to here
menu-approve = I do nothing to somebody by myself
menu-trust = Somebody is known here
menu-report = In reply: show a message to the admins
# Two safety catches.
alert-frozen = That was very much in a short time, so I have stopped until the owner has looked at it. They have been told.
catch-machine = Beadle
catch-treatment = <b>I have stopped myself</b> in { $group }. I was about to treat more than { $most } members within five minutes who have been there for longer than a day: perhaps I am making a mistake. Until you decide I remove nothing there by my own judgement and only show cards; what your rules forbid still goes.
catch-ban = <b>I have stopped { $who }</b> in { $group }: more than { $most } people banned within ten minutes. Until you decide they can do nothing through me there. What they do by hand in Telegram I cannot stop: if this is not them, take their rights away there.
catch-purge = <b>I have stopped { $who }</b> in { $group }: more than { $most } messages removed within ten minutes. Until you decide they can do nothing through me there. What they do by hand in Telegram I cannot stop: if this is not them, take their rights away there.
catch-since = It began { $when }.
catch-undoing = Everything since { $when } is being undone: { $count } so far.
catch-undone = Everything since { $when } is undone, and what it taught me is forgotten: { $count } in all. What /purge removed Telegram cannot bring back.
catch-released = You let it go on.
button-catch-undo = Undo everything since { $when }
button-catch-day = Undo the last 24 hours
button-catch-go = It was right, go on
toast-catch-undo = I am undoing it.
toast-catch-go = Going on.
alert-catch-late = That has been decided already.
# Reports of members.
report-how = Answer the message that the admins should see with <code>/report</code>.
report-thanks = Thank you. The admins will see it.
report-admin = That was written by an admin. Please speak with them, or with the owner.
report-own = That is your own message; you can remove it yourself.
report-me = That is a message of mine. If something is wrong with it, please tell an admin.
report-often = You have reported much in the last hour. Please give the admins some time.
card-reported = { $count ->
    [one] 🚩 A member reported it.
   *[other] 🚩 { $count } members reported it.
}
set-reports-on = Members may report messages
set-reports-threshold = Reports until a card is shown

# House rules in /settings
set-house-locks = Locked kinds
set-house-flood = Too many messages
set-house-same = The same again and again
set-house-slowmode = Pause between messages
set-house-night = Night
set-house-clean = Notices removed
set-house-spare-regulars = Regulars are spared
set-house-answers-for = Notes stay for
set-house-welcome-for = Welcomes stay for
set-cards-quiet = Quiet hours of cards in private

# /help, and the menu of commands for what came later.
help-head = <b>What I can do</b>
help-members = For everybody
help-cards = Spam and cards
help-people = People
help-messages = Messages
help-house = Rules of the house
help-said = What I say
help-door = At the door
help-group = The group
help-forms = Commands about people go in reply, or with @name or a number: <code>/mute @name 2h why</code>. With an s before (/sban) nothing is said in the group, with a d (/dban) the message goes too.
help-foot = I read messages to keep spam out. Nothing leaves the machine that I run on.
menu-rules = The rules of this group
menu-notes = Which notes there are
menu-note = Say a note: /note name, or #name
menu-stats = What I did, and how right it was
menu-unapprove = The same rules as for all hold again
menu-blacklist = Words and patterns that are removed
menu-lock = Forbid kinds: /lock link, sticker warn
menu-unlock = Allow a kind again
menu-locks = Which kinds are forbidden
menu-flood = So many messages in so long: /flood 5 10s
menu-slowmode = A pause between messages: /slowmode 30s
menu-nightmode = Hours in which members cannot write
menu-clean = Which notices of Telegram are removed
menu-setrules = Write the rules
menu-welcome = What newcomers are told
menu-goodbye = What is said to who leaves
menu-save = Keep a note: /save name text
menu-clear = Forget a note
menu-filters = Keywords that I answer
menu-filter = Answer a keyword: /filter word text
menu-stop = Answer a keyword no longer
menu-text = Word what I say here yourself
menu-raid = Hold all newcomers for a while
menu-invite = An invite link that I can close in a raid
menu-set = One setting by its name: /set name value
menu-quiet = Hours in which cards make no sound

# A moderator's own quiet hours.
quiet-own = Cards and notes come to you here without a sound between { $hours }, by the clock of { $zone }. <code>/quiet off</code> ends that.
quiet-own-group = Cards and notes come to you here without a sound between { $hours }, by the clock of the group that they are about. <code>/quiet off</code> ends that.
quiet-own-off = Done. Now the hours of each group hold for you, where it has some.
quiet-own-how = When should cards and notes come to you here without a sound? Write two different times of day and, if it is not that of the group, your time zone: <code>/quiet 23:00-07:00 Europe/Berlin</code>. For a whole group write it in the group, or put its number first.
# The door
gate-prompt = To write in { $group }, please join { $channels } first. Then press “I have joined”, and you can write at once.
gate-letter = You asked to be let into { $group }. Its members are also in { $channels }: please join, then press “I have joined”, and I let you in.
button-gate-join = Join { $channel }
button-gate-joined = I have joined
button-gate-grant = Give me these rights
gate-welcome = Thank you! You can write now.
gate-missing = I cannot see you in { $channels } yet. Please join, then press again.
gate-not-you = You may write already: this button is for those who still have to join.
gate-button-old = This button is from long ago. Please write something in the group, and I show you a new one.
gate-on = ✅ Protection activated! Who joins this group from now on must be in { $channels } before they write. Those who are here already are not asked.
gate-already = Already protected by { $channels }.
gate-already-other = Already protected by { $channels }. To ask for both, write <code>also</code> after the new channel; to ask for the new one only, write <code>instead</code>.
gate-needs-rights = ⚠️ I need admin rights in { $place }: to restrict members, to delete messages, and to invite by link. Give me these and send the command again.
gate-needs-admin = ⚠️ I need admin rights in { $place }: only as an admin there I can see who has joined. Make me an admin, with the right to invite by link, and send the command again.
gate-no-channel = I cannot find a channel or group named <code>{ $channel }</code>. Please write its public name, as in <code>/protect @ourchannel</code>, and make me an admin there.
gate-how = Which channel should people join before they write here? For example: <code>/protect @ourchannel</code>. I must be an admin of it, and of this group.
gate-too-many = Please name between one and { $most } channels.
gate-basic-group = This is a basic group, in which Telegram lets bots restrict nobody. Turn it into a supergroup first: open the group's settings and make its history visible to new members, then send the command again.
gate-only-in-groups = This works in groups: send it in the group that you want to protect.
gate-off = The door is open: everybody may write again, and whom I had muted for it I free now.
gate-off-already = There is no protection here that I could switch off.
gate-status-off = No protection is on here. <code>/protect @ourchannel</code> switches it on.
gate-status = 🚪 <b>Protected by { $channels }</b>
    In the last 24 hours: { $held } held, { $tapped } pressed the button, { $verified } let in. Held now: { $now }.
gate-status-newcomers = Asked are those who joined after it was switched on.
gate-status-everybody = Everybody is asked.
gate-status-rights = ⚠️ I lack rights here, so I hold nobody: I need to restrict members, delete messages and invite by link.
# Ban lists
set-lists-on = Ban lists count
set-lists-captcha = Listed newcomers are asked a question
reason-listed = the sender is on a ban list
reason-banned-elsewhere = the sender was banned in another group of the same owner

# Bots that somebody adds who is no admin
set-newcomers-bots-added = Bots that members add
bot-asks = 🤖 In { $group }, { $by } added the bot { $bot } and is no admin. It cannot write for a day, or until you decide.
bot-put-out = 🤖 In { $group }, { $by } added the bot { $bot } and is no admin. It was put out, as your settings say.
bot-stays = 🤖 The bot { $bot } stays. Decided by { $by }.
bot-goes = 🤖 The bot { $bot } was put out. Decided by { $by }.
bot-refused = Telegram does not let me put it out: it is an admin by now.
button-bot-stays = ✅ Let it stay
button-bot-goes = 🚫 Put it out
toast-bot-stays = It stays
toast-bot-goes = It goes
# Mends: names, the night, the catches, short times.
span-seconds = { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }
out-for = for { $span }, until { $when }
tool-name-moved = { $word } is not the name of the one I knew by it any more, and Telegram does not tell bots whose it is now. Please answer a message of theirs instead, or name them by their number.
night-needs-right = Night mode closes the group to all members, and for that you need the right “Ban users”.
alert-catch-owner = Only the owner of the group can decide this: whoever I have stopped may be you.
set-bans-shared = Bans of the owner's groups
set-bans-shared-off = not shared
set-bans-shared-note = count as a sign
set-bans-shared-ban = hold here too
reason-shared-ban = a moderator banned you in another group of the same owner
shared-banned = 🔗 <b>{ $group }</b>: { $who } is banned here too, because a moderator banned them in <b>{ $origin }</b>. When that ban is lifted, this one goes with it.
shared-noted = 🔗 <b>{ $group }</b>: a moderator banned { $who } in <b>{ $origin }</b>. Nothing happens here; it counts as a sign while they are new.
shared-spared-admin = 🔗 <b>{ $group }</b>: a moderator banned { $who } in <b>{ $origin }</b>. They are an admin here, so nothing happens.
shared-spared-regular = 🔗 <b>{ $group }</b>: a moderator banned { $who } in <b>{ $origin }</b>. They have long been writing here, so nothing happens. If they should go here too, please ban them yourself.
shared-spared-stopped = 🔗 <b>{ $group }</b>: a moderator banned { $who } in <b>{ $origin }</b>. A safety catch has stopped me here, so nothing happens; please look yourself.
shared-spared-refused = 🔗 <b>{ $group }</b>: a moderator banned { $who } in <b>{ $origin }</b>. I could not ban them here; may I still restrict people?
# At the door, mended
captcha-nameless = Newcomer
note-nameless = This person
captcha-failed-silent = That was not right, and there are no tries left. You may stay and read; for a day you cannot write here. If you are a person after all, please write to the group's admins.
menu-protect = Only members of a channel may write here: /protect @channel
menu-unprotect = End that
menu-status = What is asked at the door, and whether it works
raid-off-held = Raid mode is off, and my links are as they were. Still held: { $held }, for a day at most; what becomes of them is decided on the card.
raid-off-deciding = Raid mode is off, and my links are as they were. Held: { $held }; I am on it, the card will say how far I am.
toast-raid-ended-held = Raid mode is off. Still held: { $held }.
chat-locked = I wanted to give { $group } back what its members may do, and Telegram did not let me: I lack the right “Ban users” there. Please give it to me, and I do it at once; or set the permissions by hand, in the group's settings under “Permissions”.
