//! What the people of a large group say on an ordinary day, in a quarrel, and on their first day there.
use crate::base::random::{Random as _, SeededRandom};

/// Talk of people who know each other. Details in braces make each line another one.
const TALK: [&str; 30] = [
    "Does anyone know until what time {place} is open on {day}?",
    "The meeting about {place} moved to {day}, {hour}. Same room as last time.",
    "Thanks {name}, that fixed it. The cable behind {thing} was loose all along.",
    "Кто пойдёт в {day_ru} на субботник у {place_ru}? Нас уже {number}, встречаемся в {hour}.",
    "I would not buy that one: {thing} lasts {number} days at best, says {name}.",
    "Here is what I promised {name}: {number} g of onions, a carrot, half a cabbage, and patience.",
    "Подскажите, где сейчас чинят {thing_ru}? В прошлый раз взяли {number} рублей.",
    "The bus from {place} is {number} minutes late again, so walk if you can.",
    "{name}, did you find {thing} in the end? I saw one near {place} at {hour}.",
    "У нас во дворе опять отключили воду, обещают к {hour}. У кого так же?",
    "If you plant them by {day}, you get tomatoes in {number} days, more or less.",
    "Photos from {day} are with {name}, ask her for the ones with {thing}.",
    "Соседи, чей чёрный кот гуляет возле {place_ru}? Уже {number}-й день приходит.",
    "My neighbour paid {number} for {thing}, and it broke on {day}.",
    "Who feeds the ducks at {place}? The sign says not to, {name}.",
    "Электрик придёт в {day_ru} в {hour}, просьба освободить щиток у {place_ru}.",
    "I walked past {place} at {hour} and the lights were still on.",
    "Is the vet at {place} any good? Ours wants {number} for a checkup.",
    "{name} is right about {thing}, we measured it on {day}: {number} cm.",
    "В библиотеке у {place_ru} обещали клуб по {day_ru}, начало в {hour}.",
    "The school asks for {number} volunteers on {day}, ask {name} for the list.",
    "Anyone else who heard that noise near {place} around {hour}?",
    "Спасибо, {name}! Забрал {thing_ru} в {hour}, всё работает.",
    "They want to close {place} for {number} weeks, there is a notice at the door.",
    "Looking for a second-hand {thing}, nothing fancy, I can pick it up on {day}.",
    "Завтра обещают {number} градусов, а в {day_ru} дождь. Берите зонты.",
    "Full timetable is on https://en.wikipedia.org/wiki/Timetable_{number} if somebody needs it.",
    "Map of the walk: https://www.openstreetmap.org/way/{number}{number}, start at {hour}.",
    "Мой рецепт: {number} г муки, два яйца, и не забудьте про {thing_ru}, {name}.",
    "{name} and I will be at {place} on {day} from {hour}, come by for tea.",
];

/// What is said without saying much.
const SHORT: [&str; 14] = [
    "ok",
    "thanks!",
    "👍",
    "да",
    "спасибо",
    "lol",
    "same here",
    "+1",
    "понятно",
    "good morning all",
    "yes",
    "не знаю",
    "haha, classic {name}",
    "see you on {day}",
];

/// A quarrel: loud, rude, with money and proof in it, and nothing to remove.
const QUARREL: [&str; 16] = [
    "STOP LYING {name}, everybody saw what you did at {place}!!!",
    "Where are the {number} euros from {day}, {name}? We all paid, and we all want to see the receipts!",
    "You are the last person here who should talk about money.",
    "{name}, write to me in private if you have the guts, otherwise be quiet!!!",
    "ХВАТИТ уже, {name}! Весь двор слышал, как вы орали в {hour}!",
    "Here is the proof, {number} people signed it: https://en.wikipedia.org/wiki/Petition_{number}",
    "Oh please. You said the same on {day} and then took {thing} for yourself.",
    "Вы вообще деньги собираете или воруете? Где {number} рублей?!",
    "I HAVE HAD ENOUGH OF THIS. {number} TIMES I ASKED. {number}!!!",
    "{name} the only liar here is you, and everybody at {place} knows it",
    "Сами вы врёте. Я была у {place_ru} и видела {thing_ru} своими глазами.",
    "Can an admin please do something about {name}? This is disgusting.",
    "You get what you pay for, and you paid NOTHING, {name}.",
    "go on, delete my message again, that is all you can do",
    "Стыдно должно быть! {number} лет живём рядом, и такое!",
    "fine. FINE. Keep {thing}. I am done with all of you until {day}.",
];

/// First messages of people who mean it.
const HELLO: [&str; 14] = [
    "Hello! We moved here on {day}, near {place}. Is there a playground around?",
    "Hi all, {name} told me about this group. Where do you buy {thing}?",
    "Здравствуйте! Переехали к {place_ru}, подскажите хорошего детского врача.",
    "Hi, new here. Is the pool at {place} open on {day}?",
    "Добрый день. Кто-нибудь знает, где проверить {thing_ru}?",
    "Hello, I found a set of keys near {place} at {hour}. Whose are they?",
    "Good evening, does the bus still go to {place} after {hour}?",
    "Привет всем! Я {name}, ищу компанию для пробежек у {place_ru} в {hour}.",
    "Hi! We are {number} in the family and look for a doctor who takes new patients.",
    "Is it true that {place} closes for {number} weeks? I just signed up there.",
    "Всем привет, сын потерял {thing_ru} возле {place_ru}, если найдёте, напишите пожалуйста сюда",
    "Thanks for letting me in. I read the rules. What does {name} mean by the blue gate?",
    "Nice to meet you all. Here is the map I used: https://www.openstreetmap.org/way/{number}",
    "Кто-нибудь отдаёт {thing_ru}? Заберу сам в {day_ru} после {hour}.",
];

/// What people answer where something is given away.
const TAKING_PART: [&str; 8] = [
    "+",
    "участвую",
    "me please!",
    "count me in, {name}",
    "Участвую, спасибо!",
    "I take part 🎉",
    "+ for my daughter",
    "я тоже, {number}",
];

const PLACES: [&str; 9] = [
    "the library",
    "the station",
    "the old bridge",
    "the garden",
    "the school",
    "the pub",
    "the town hall",
    "the bakery",
    "the north gate",
];
const PLACES_RU: [&str; 6] = [
    "вокзала",
    "школы",
    "парка",
    "рынка",
    "третьего подъезда",
    "почты",
];
const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const DAYS_RU: [&str; 6] = [
    "понедельник",
    "вторник",
    "среду",
    "четверг",
    "пятницу",
    "субботу",
];
const THINGS: [&str; 9] = [
    "the ladder",
    "a bicycle pump",
    "the coffee machine",
    "a pram",
    "the boiler",
    "a desk lamp",
    "the blue chair",
    "a sewing machine",
    "the hedge cutter",
];
const THINGS_RU: [&str; 6] = [
    "велосипед",
    "чайник",
    "счётчик",
    "самокат",
    "стол",
    "домофон",
];
const NAMES: [&str; 12] = [
    "Ann", "Boris", "Chen", "Dora", "Emil", "Farid", "Greta", "Hugo", "Ира", "Jana", "Олег", "Rosa",
];

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    Talk,
    Quarrel,
    Hello,
    TakingPart,
}

/// One line on a topic, seldom the same twice.
pub(super) fn line(chance: &SeededRandom, topic: Topic) -> String {
    let text = match topic {
        // A quarter of what is said in groups says little.
        Topic::Talk if chance.below(4) == 0 => one(chance, &SHORT),
        Topic::Talk => one(chance, &TALK),
        Topic::Quarrel => one(chance, &QUARREL),
        Topic::Hello => one(chance, &HELLO),
        Topic::TakingPart => one(chance, &TAKING_PART),
    };
    let hour = format!("{}:{:02}", 8 + chance.below(14), chance.below(60));
    text.replace("{place}", one(chance, &PLACES))
        .replace("{place_ru}", one(chance, &PLACES_RU))
        .replace("{day}", one(chance, &DAYS))
        .replace("{day_ru}", one(chance, &DAYS_RU))
        .replace("{thing}", one(chance, &THINGS))
        .replace("{thing_ru}", one(chance, &THINGS_RU))
        .replace("{name}", one(chance, &NAMES))
        .replace("{number}", &(2 + chance.below(900)).to_string())
        .replace("{hour}", &hour)
}

/// One of a list.
pub(super) fn one<'a>(chance: &SeededRandom, all: &[&'a str]) -> &'a str {
    let at = chance.below(u64::try_from(all.len()).unwrap_or(1));
    all[usize::try_from(at).unwrap_or(0)]
}
