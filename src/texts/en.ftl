# What people read, in English. A person sees sentences, never codes.

start-private = Hello! I am { $bot }, a beadle: I keep order in groups.
    Add me to a group and make me an admin who may delete messages. I begin by watching: nothing is removed until you say so.
    /help lists what I can do.
start-group = Hello! I watch over this group. /help lists what I can do, /why in reply to a message says what I think of it.
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
alert-why = { $reasons }
alert-gone = I no longer know which message that was.

# Why a message was held for spam; each completes "because …" and stands alone in a list.
