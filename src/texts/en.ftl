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
