//! The simulated Telegram is fast enough to be no bottleneck in a bench.
use std::time::{Duration, Instant};

use beadle::telegram::simulator::{SimOptions, Simulator};
use serde_json::{Value, json};

/// What benches ask for; measured here with the generator and the client on the same two cores.
const WANTED: f64 = 2500.0;

#[tokio::test]
async fn serves_2500_updates_a_second_while_somebody_makes_them() {
    const COUNT: usize = 10_000;
    let options = SimOptions {
        check_answers: false,
        keep_calls: 0,
        keep_messages: 1000,
        poll_guard: false,
        ..SimOptions::default()
    };
    let sim = Simulator::start(options).unwrap();
    let chat = sim.supergroup("Garden");
    sim.add_bot_admin(chat);
    let http = reqwest::Client::builder()
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap();
    let url = format!("{}/bot{}/getUpdates", sim.url(), sim.token());
    let maker = sim.clone();
    let start = Instant::now();
    let making = std::thread::spawn(move || {
        let user = maker.user("Ida");
        for at in 0..COUNT {
            maker.say(
                chat,
                user,
                &format!("message number {at}, neither short nor long"),
            );
        }
    });
    let (mut got, mut offset, mut last) = (0, 0, 0);
    while got < COUNT {
        let params = json!({"offset": offset, "limit": 100, "timeout": 10});
        let answer = http.post(&url).json(&params).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        for update in answer["result"].as_array().unwrap() {
            let id = update["update_id"].as_i64().unwrap();
            assert!(id > last, "in order and never twice");
            last = id;
            got += usize::from(update["message"]["text"].is_string());
        }
        offset = last + 1;
    }
    let rate = COUNT as f64 / start.elapsed().as_secs_f64();
    making.join().unwrap();
    println!("{rate:.0} updates a second");
    // A machine that builds something else at the same time gets half.
    assert!(rate > WANTED / 2.0, "{rate:.0} updates a second");
}
