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
