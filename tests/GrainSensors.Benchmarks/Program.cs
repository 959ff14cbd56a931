using System.CommandLine;
using GrainSensors.Benchmarks;
using GrainSensors.Benchmarks.Handover;
using GrainSensors.Benchmarks.Streams;

return await new RootCommand("Measures parts of GrainSensors.") { StoreScenario.Create(), HandoverScenario.Create(), StreamsScenario.Create() }.Parse(args).InvokeAsync();
