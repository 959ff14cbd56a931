using System.CommandLine;
using GrainSensors.Benchmarks;
using GrainSensors.Benchmarks.Handover;

return await new RootCommand("Measures parts of GrainSensors.") { StoreScenario.Create(), HandoverScenario.Create() }.Parse(args).InvokeAsync();
