using System.CommandLine;
using GrainSensors.Benchmarks;

var rows = new Option<int>("--rows") { Description = "Rows to write and read.", DefaultValueFactory = _ => 100_000 };
var callers = new Option<int>("--callers") { Description = "Calls under way at once.", DefaultValueFactory = _ => 2048 };
var rounds = new Option<int>("--rounds") { Description = "How often every row is rewritten.", DefaultValueFactory = _ => 3 };
var store = new Option<string>("--store") { Description = "sqlite:PATH or postgres:CONNECTION; rows of earlier runs stay there.", Required = true };
var scenario = new Command("store", "How many window rows a second a store takes from concurrent callers.") { rows, callers, rounds, store };
scenario.SetAction((parsed, cancellation) => StoreScenario.RunAsync(
    parsed.GetRequiredValue(store), parsed.GetValue(rows), parsed.GetValue(callers), parsed.GetValue(rounds), cancellation));

return await new RootCommand("Measures parts of GrainSensors.") { scenario }.Parse(args).InvokeAsync();
