using System.CommandLine;
using GrainSensors.Benchmarks;
using GrainSensors.Benchmarks.Handover;
using GrainSensors.Benchmarks.Ingest;
using GrainSensors.Benchmarks.Reconcile;

return await new RootCommand("Measures parts of GrainSensors.") 
{
    IngestScenario.Create(), BareLoop.Create(), StoreScenario.Create(), HandoverScenario.Create(), ReconcileScenario.Create(),
}.Parse(args).InvokeAsync();
