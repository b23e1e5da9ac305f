// Which customers leave: missing values, categories with numbers, statistics of the training part only, one function for training and scores (data: npx node test/data/make.ts).
param epochs = 20
let customers: rdd { id: i64, age: f64?, income: f64?, job: string?, city: string, churn: bool } = csv("data/tables/churn.csv")
let part = customers |> split({ train: 0.8, test: 0.2 }, by: .id)

let age = part.train |> mean(.age)                           // skips what is missing
let jobs = part.train |> vocab(.job)
let cities = part.train |> vocab(.city, min_count: 20)

fn numbers(r) = vector({ age: r.age ?? age, no_age: r.age == none, income: log1p(r.income ?? 0) })
let fitted = part.train |> moments(numbers)

model Churn(x: f32[3], job: i32, city: i32) -> f32 =
  concat([x, one_hot(job, jobs.size), embedding(city, cities.size, 16)])
    |> dense(64) |> relu |> dropout(0.2) |> dense(1) |> reshape([])

fn logit(m, r) = m(standardize(numbers(r), fitted), jobs.index(r.job), cities.index(r.city))

let net = train(Churn, part.train,
  loss: (m, r) => binary_cross_entropy(logit(m, r), r.churn),
  optimizer: adam(1e-3), batch: 256, epochs: epochs, validate: part.test)

fn score(r: { age: f64?, income: f64?, job: string?, city: string }) = sigmoid(logit(net, r))
print auc = part.test |> auc(score, .churn)
save part.test |> map(r => { r.id, score: score(r), r.churn }) to "churn_scores.csv"

//= run --set epochs=3
// auc = 0.7677655677655678
// stderr:
// epoch 1/3  loss 0.6283  val.loss 0.6249
// epoch 2/3  loss 0.6152  val.loss 0.6143
// epoch 3/3  loss 0.6045  val.loss 0.6042
