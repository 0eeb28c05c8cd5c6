#!/usr/bin/env python3
"""Drives the simulated Telegram with aiogram, a client its authors did not write.

    aiogram_contract.py URL TOKEN

Every answer and update must parse into aiogram's types, and the assertions below must hold. Prints
the number of calls and of updates at the end; exits with an error otherwise.
"""

import asyncio
import sys
import time

import aiohttp
from aiogram import Bot, Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberMember,
    ChatMemberOwner,
    ChatMemberRestricted,
    ChatPermissions,
    EphemeralMessageParameters,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    InputPollOption,
    ReactionTypeEmoji,
    ReplyParameters,
    Update,
)
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

URL, TOKEN = sys.argv[1], sys.argv[2]
updates_seen = 0
http: aiohttp.ClientSession


async def act(action, **params):
    async with http.post(f"{URL}/sim/{action}", json=params) as response:
        body = await response.json()
        assert body["ok"], (action, params, body)
        return body["result"]


async def until(ready, what):
    for _ in range(400):
        if ready():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"never happened: {what}")


async def refused(kind, awaitable, words):
    try:
        await awaitable
    except kind as error:
        assert words in str(error), (words, str(error))
        return error
    raise AssertionError(f"was not refused: {words}")


def keyboard(data):
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text="Press", callback_data=data)]]
    )


def new_bot(token=TOKEN):
    session = AiohttpSession(api=TelegramAPIServer.from_base(URL))
    return Bot(token, session=session, default=DefaultBotProperties(parse_mode="HTML"))


def listener(heard):
    """A dispatcher that writes down what it hears, answers buttons and lets people in."""
    dispatcher = Dispatcher()

    def note(kind):
        async def handler(event, event_update: Update):
            heard.append((kind, event))

        return handler

    async def pressed(query):
        heard.append(("callback_query", query))
        await query.answer("seen", show_alert=True)

    async def asked(request):
        heard.append(("chat_join_request", request))
        await request.approve()

    dispatcher.callback_query.register(pressed)
    dispatcher.chat_join_request.register(asked)
    for kind in [
        "message", "edited_message", "channel_post", "edited_channel_post", "my_chat_member",
        "chat_member", "message_reaction",
    ]:
        getattr(dispatcher, kind).register(note(kind))
    return dispatcher


async def scene(chat, heard):
    """What people do; the same for polling and webhook."""
    user = await act("user", first_name="Ida", last_name="Ω <b>", username="ida_sim")
    stranger = await act("user", first_name="Bo")
    await act("join", chat=chat, user=user)
    said = await act("say", chat=chat, user=user, text="hello 👍 /help@beadle_sim_bot https://example.org")
    await act("edit", chat=chat, message=said, text="hello again")
    await act("reply", chat=chat, user=user, message=said, text="and an answer")
    photo = await act("media", kind="photo", file_id=await act("file", name="a.jpg", text="picture"))
    now = int(time.time())
    await act("post", chat=chat, user=user, message={
        "photo": photo, "caption": "look at example.com",
        "forward_origin": {"type": "hidden_user", "sender_user_name": "Somebody", "date": now},
    })
    await act("post", chat=chat, user=user, message={
        "text": "as he said",
        "quote": {"text": "elsewhere", "position": 0},
        "external_reply": {
            "origin": {"type": "user", "date": now,
                       "sender_user": {"id": 99, "is_bot": False, "first_name": "X"}},
            "chat": {"id": -1005, "type": "supergroup", "title": "Other"}, "message_id": 4,
        },
        "reply_markup": {"inline_keyboard": [[{"text": "go", "url": "https://example.org"}]]},
    })
    await act("promote", chat=chat, user=user, rights=["can_delete_messages"])
    await act("say", chat=chat, user=user, text="as the group", **{"as": "anonymous"})
    await act("react", chat=chat, message=said, user=user, emoji="👍")
    query = await act("press", chat=chat, message=said, user=user, data="data")
    await act("request_join", chat=chat, user=stranger)
    await until(lambda: sum(kind == "chat_join_request" for kind, _ in heard) == 1, "join request")
    for _ in range(200):
        if (await act("member", chat=chat, user=stranger))["present"]:
            break
        await asyncio.sleep(0.02)
    await act("leave", chat=chat, user=user)

    def count(kind):
        return sum(k == kind for k, _ in heard)

    want = {"message": 8, "edited_message": 1, "chat_member": 4, "message_reaction": 1,
            "callback_query": 1, "chat_join_request": 1}
    await until(lambda: all(count(k) >= n for k, n in want.items()), f"all updates: {heard}")
    assert {k: count(k) for k in want} == want, [(k, count(k)) for k in want]
    events = dict(heard)
    assert events["callback_query"].data == "data"
    assert events["message_reaction"].new_reaction[0].emoji == "👍"
    texts = [event.text or event.caption for kind, event in heard if kind == "message"]
    assert "as he said" in texts and "look at example.com" in texts, texts
    quoted = next(e for k, e in heard if k == "message" and e.text == "as he said")
    assert quoted.external_reply.chat.title == "Other" and quoted.quote.text == "elsewhere"
    group = next(e for k, e in heard if k == "message" and e.text == "as the group")
    assert group.sender_chat.id == chat and group.from_user.id == 1087968824
    for _ in range(200):
        answer = await act("callback_answer", query=query)
        if answer:
            break
        await asyncio.sleep(0.02)
    assert answer == {"text": "seen", "alert": True}, answer
    return user


async def by_polling(bot, chat):
    heard = []
    dispatcher = listener(heard)
    task = asyncio.create_task(
        dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False, polling_timeout=5)
    )
    # The first poll carries the list of wanted kinds; before it the default holds.
    user = await act("user", first_name="First")
    for _ in range(200):
        if (await bot.get_webhook_info()).allowed_updates:
            break
        await asyncio.sleep(0.02)
    await act("private", user=user, text="/start")
    await until(lambda: any(k == "message" and e.text == "/start" for k, e in heard), "/start")
    heard.clear()
    user = await scene(chat, heard)
    await dispatcher.stop_polling()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    global updates_seen
    updates_seen += len(heard)
    return user


async def by_webhook(bot, chat):
    heard = []
    dispatcher = listener(heard)
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, secret_token="hush").register(app, path="/hook")
    setup_application(app, dispatcher, bot=bot)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    kinds = dispatcher.resolve_used_update_types()
    url = f"http://127.0.0.1:{port}/hook"
    await bot.set_webhook(url, secret_token="hush", allowed_updates=kinds, max_connections=5,
                          drop_pending_updates=True)
    info = await bot.get_webhook_info()
    assert info.url == url and info.max_connections == 5 and set(info.allowed_updates) == set(kinds)
    await refused(TelegramConflictError, bot.get_updates(), "webhook is active")
    error = await refused(TelegramRetryAfter, bot.set_webhook(url), "Retry in 1")
    assert error.retry_after == 1
    await scene(chat, heard)
    await bot.delete_webhook()
    assert (await bot.get_webhook_info()).url == ""
    global updates_seen
    updates_seen += len(heard)
    await runner.cleanup()


async def messages(bot, chat, user):
    sent = await bot.send_message(chat, "<b>bold</b> &amp; 👍 <a href='https://example.org'>link</a>",
                                  reply_markup=keyboard("a"))
    assert sent.text == "bold & 👍 link"
    assert [(e.type, e.offset, e.length) for e in sent.entities] == [("bold", 0, 4), ("text_link", 10, 4)]
    assert sent.html_text == '<b>bold</b> &amp; 👍 <a href="https://example.org">link</a>', sent.html_text
    assert sent.reply_markup.inline_keyboard[0][0].callback_data == "a"
    edited = await bot.edit_message_text("other", chat_id=chat, message_id=sent.message_id)
    assert edited.text == "other" and edited.edit_date and edited.reply_markup is None
    await refused(TelegramBadRequest,
                  bot.edit_message_text("other", chat_id=chat, message_id=sent.message_id),
                  "message is not modified")
    await bot.edit_message_reply_markup(chat_id=chat, message_id=sent.message_id, reply_markup=keyboard("b"))
    await refused(TelegramBadRequest, bot.send_message(chat, "<b>"), "can't parse entities")
    await refused(TelegramBadRequest, bot.send_message(chat, "x" * 4097), "message is too long")
    await refused(TelegramBadRequest, bot.send_message(chat, "x", reply_markup=keyboard("x" * 65)),
                  "BUTTON_DATA_INVALID")
    answer = await bot.send_message(chat, "re", reply_parameters=ReplyParameters(message_id=sent.message_id))
    assert answer.reply_to_message.message_id == sent.message_id
    upload = BufferedInputFile(b"some bytes", filename="a.txt")
    document = await bot.send_document(chat, upload, caption="<i>doc</i>")
    assert document.document.file_name == "a.txt" and document.caption_entities[0].type == "italic"
    file = await bot.get_file(document.document.file_id)
    assert (await bot.download_file(file.file_path)).read() == b"some bytes"
    big = await act("file", name="film.mp4", size=21 * 1024 * 1024)
    await refused(TelegramBadRequest, bot.get_file(big), "file is too big")
    photo = await bot.send_photo(chat, BufferedInputFile(b"jpeg", filename="a.jpg"), has_spoiler=True)
    assert photo.photo[-1].file_id and photo.has_media_spoiler
    await bot.edit_message_caption(chat_id=chat, message_id=photo.message_id, caption="new")
    again = InputMediaPhoto(media=photo.photo[-1].file_id, caption="one")
    other = InputMediaPhoto(media=BufferedInputFile(b"j2", filename="b.jpg"))
    album = await bot.send_media_group(chat, [again, other])
    assert album[0].media_group_id == album[1].media_group_id
    await bot.edit_message_media(InputMediaPhoto(media=photo.photo[-1].file_id, caption="third"),
                                 chat_id=chat, message_id=photo.message_id)
    for kind in ["video", "animation", "audio", "voice", "video_note", "sticker"]:
        sent_kind = await getattr(bot, f"send_{kind}")(chat, BufferedInputFile(b"x", filename="f.bin"))
        assert getattr(sent_kind, kind), kind
    poll = await bot.send_poll(chat, "which?", [InputPollOption(text="a"), InputPollOption(text="b")])
    assert (await bot.stop_poll(chat, poll.message_id)).is_closed
    assert (await bot.send_dice(chat)).dice.value in range(1, 7)
    assert (await bot.send_location(chat, 1.5, 2.5)).location.latitude == 1.5
    assert (await bot.send_venue(chat, 1.5, 2.5, "here", "street")).venue.title == "here"
    assert (await bot.send_contact(chat, "+1", "Ida")).contact.first_name == "Ida"
    assert await bot.send_chat_action(chat, "typing")
    forwarded = await bot.forward_message(chat, chat, answer.message_id)
    assert forwarded.forward_origin.type == "user"
    copied = await bot.copy_message(chat, chat, answer.message_id)
    assert copied.message_id > forwarded.message_id
    assert len(await bot.copy_messages(chat, chat, [answer.message_id, 999999])) == 1
    assert await bot.set_message_reaction(chat, sent.message_id, [ReactionTypeEmoji(emoji="👍")])
    assert await bot.pin_chat_message(chat, sent.message_id)
    assert (await bot.get_chat(chat)).pinned_message.message_id == sent.message_id
    assert await bot.unpin_chat_message(chat, message_id=sent.message_id)
    assert await bot.delete_message(chat, answer.message_id)
    await refused(TelegramBadRequest, bot.delete_message(chat, answer.message_id),
                  "message to delete not found")
    assert await bot.delete_messages(chat, [copied.message_id, forwarded.message_id, 424242])
    await act("join", chat=chat, user=user)
    whisper = await bot.send_message(
        chat, "only you", ephemeral_message_parameters=EphemeralMessageParameters(receiver_user_id=user))
    assert whisper.message_id == 0 and whisper.receiver_user.id == user
    assert await bot.edit_ephemeral_message_text(
        chat_id=chat, receiver_user_id=user, ephemeral_message_id=whisper.ephemeral_message_id, text="now")
    assert await bot.delete_ephemeral_message(
        chat_id=chat, receiver_user_id=user, ephemeral_message_id=whisper.ephemeral_message_id)


async def members(bot, chat):
    user = await act("user", first_name="Cy", bio="about me")
    await act("join", chat=chat, user=user)
    member = bot.get_chat_member
    assert isinstance(await member(chat, user), ChatMemberMember)
    assert isinstance(await member(chat, await act("owner", chat=chat)), ChatMemberOwner)
    until_date = int(time.time()) + 3600
    await bot.restrict_chat_member(chat, user, ChatPermissions(can_send_messages=False), until_date=until_date)
    restricted = await member(chat, user)
    assert isinstance(restricted, ChatMemberRestricted) and restricted.is_member
    assert int(restricted.until_date.timestamp()) == until_date
    assert await act("say", chat=chat, user=user, text="mmm") == 0
    every = {name: True for name in ChatPermissions.model_fields}
    await bot.restrict_chat_member(chat, user, ChatPermissions(**every))
    assert isinstance(await member(chat, user), ChatMemberMember)
    await bot.promote_chat_member(chat, user, can_delete_messages=True, can_pin_messages=True)
    await bot.set_chat_administrator_custom_title(chat, user, "gardener")
    admin = await member(chat, user)
    assert isinstance(admin, ChatMemberAdministrator) and admin.can_delete_messages
    assert admin.custom_title == "gardener" and not admin.can_restrict_members
    admins = await bot.get_chat_administrators(chat)
    assert {a.status for a in admins} == {"creator", "administrator"}
    await bot.promote_chat_member(chat, user)
    await bot.ban_chat_member(chat, user)
    assert isinstance(await member(chat, user), ChatMemberBanned)
    assert await act("join", chat=chat, user=user) is False
    await bot.unban_chat_member(chat, user, only_if_banned=True)
    assert isinstance(await member(chat, user), ChatMemberLeft)
    await refused(TelegramBadRequest, member(chat, 5), "PARTICIPANT_ID_INVALID")
    await refused(TelegramBadRequest, bot.ban_chat_member(chat, await act("owner", chat=chat)),
                  "can't remove chat owner")
    assert await bot.get_chat_member_count(chat) >= 2
    link = await bot.create_chat_invite_link(chat, name="door", creates_join_request=True)
    assert link.creates_join_request and link.creator.is_bot
    link = await bot.edit_chat_invite_link(chat, link.invite_link, name="gate", member_limit=3)
    assert link.name == "gate" and link.member_limit == 3
    assert await act("join_by_link", chat=chat, user=user, link=link.invite_link)
    assert (await bot.revoke_chat_invite_link(chat, link.invite_link)).is_revoked
    assert (await bot.export_chat_invite_link(chat)).startswith("https://")
    for answer, inside in [(bot.approve_chat_join_request, True), (bot.decline_chat_join_request, False)]:
        guest = await act("user", first_name="Guest")
        await act("request_join", chat=chat, user=guest)
        await answer(chat, guest)
        assert (await act("member", chat=chat, user=guest))["present"] is inside
    assert (await bot.get_user_profile_photos(user)).total_count == 0
    picture = await act("file", name="me.jpg", text="me")
    await act("set_user", user=user, photo=picture)
    assert (await bot.get_user_profile_photos(user)).photos[0][0].file_id == picture


async def chats(bot, chat):
    await bot.set_chat_title(chat, "New title")
    await bot.set_chat_description(chat, "About it")
    await bot.set_chat_photo(chat, BufferedInputFile(b"jpg", filename="p.jpg"))
    await bot.set_chat_permissions(chat, ChatPermissions(can_send_messages=True))
    info = await bot.get_chat(chat)
    assert info.title == "New title" and info.description == "About it"
    assert info.photo and not info.permissions.can_send_photos
    private = await act("user", first_name="Dee", bio="a bio")
    await refused(TelegramForbiddenError, bot.send_message(private, "x"), "can't initiate conversation")
    await act("private", user=private, text="/start")
    assert (await bot.send_message(private, "hello")).chat.type == "private"
    assert (await bot.get_chat(private)).bio == "a bio"
    await act("block", user=private)
    await refused(TelegramForbiddenError, bot.send_message(private, "x"), "bot was blocked by the user")
    group = await act("group", title="Small")
    await act("add_bot_admin", chat=group)
    await refused(TelegramBadRequest, bot.restrict_chat_member(group, private, ChatPermissions()),
                  "method is available only for supergroups")
    assert (await bot.get_chat(group)).type == "group"
    big = await act("migrate", chat=group)
    error = await refused(TelegramMigrateToChat, bot.send_message(group, "x"), "migrated")
    assert error.migrate_to_chat_id == big
    assert (await bot.send_message(big, "x")).chat.id == big
    channel = await act("channel", title="News")
    await act("add_bot_admin", chat=channel)
    post = await bot.send_message(channel, "news")
    assert post.sender_chat.id == channel and post.from_user is None
    await act("channel_post", channel=channel, text="by the owner")
    await bot.ban_chat_sender_chat(chat, channel)
    await bot.unban_chat_sender_chat(chat, channel)
    assert isinstance(await bot.get_chat_member(channel, (await bot.me()).id), ChatMemberAdministrator)
    await bot.leave_chat(channel)
    await refused(TelegramForbiddenError, bot.send_message(channel, "x"), "bot is not a member of the channel")
    forum = await act("forum", title="Forum")
    await act("add_bot_admin", chat=forum)
    topic = await bot.create_forum_topic(forum, "Topic")
    inside = await bot.send_message(forum, "in", message_thread_id=topic.message_thread_id)
    assert inside.is_topic_message and inside.chat.is_forum
    await bot.edit_forum_topic(forum, topic.message_thread_id, name="Renamed")
    await bot.close_forum_topic(forum, topic.message_thread_id)
    await bot.reopen_forum_topic(forum, topic.message_thread_id)
    await bot.delete_forum_topic(forum, topic.message_thread_id)
    await refused(TelegramBadRequest, bot.send_message(forum, "x", message_thread_id=topic.message_thread_id),
                  "message thread not found")


async def itself(bot, chat):
    me = await bot.get_me()
    assert me.is_bot and me.can_join_groups is True and me.has_main_web_app is False
    commands = [BotCommand(command="help", description="What I do")]
    scope = BotCommandScopeChat(chat_id=chat)
    assert await bot.set_my_commands(commands, scope=scope, language_code="ru")
    got = await bot.get_my_commands(scope=scope, language_code="ru")
    assert [c.command for c in got] == ["help"], got
    assert await bot.get_my_commands() == []
    assert await bot.delete_my_commands(scope=scope, language_code="ru")
    assert await bot.set_my_description("words") and (await bot.get_my_description()).description == "words"
    assert (await bot.get_my_name()).name == "Beadle"
    assert (await bot.get_chat_menu_button()).type == "commands"
    assert (await bot.get_my_default_administrator_rights()).can_delete_messages is False
    await act("fail_next", method="sendMessage", chat=chat, code=429,
              text="Too Many Requests: retry after 7", retry_after=7)
    error = await refused(TelegramRetryAfter, bot.send_message(chat, "x"), "Retry in 7")
    assert error.retry_after == 7
    await refused(TelegramBadRequest, bot.answer_callback_query("1"), "query is too old")
    stranger = new_bot("1:wrong")
    await refused(TelegramUnauthorizedError, stranger.get_me(), "Unauthorized")
    await stranger.session.close()


async def main():
    global http
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:
        bot = new_bot()
        chat = await act("supergroup", title="Garden")
        await act("add_bot_admin", chat=chat)
        user = await by_polling(bot, chat)
        await by_webhook(bot, chat)
        await messages(bot, chat, user)
        await members(bot, chat)
        await itself(bot, chat)
        await chats(bot, chat)
        async with http.get(f"{URL}/sim/state") as response:
            state = await response.json()
        assert state["violations"] == 0, await act("violations")
        assert any(c["chat"]["id"] == chat and c["messages"] for c in state["chats"])
        await bot.session.close()
        print(f"aiogram agrees: {updates_seen} updates by polling and webhook")


asyncio.run(asyncio.wait_for(main(), 90))
