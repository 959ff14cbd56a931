using System.CommandLine;
using GrainSensors.Benchmarks;
using GrainSensors.Benchmarks.Handover;
using GrainSensors.Benchmarks.Ingest;
using GrainSensors.Benchmarks.Monitoring;
using GrainSensors.Benchmarks.Observability;
using GrainSensors.Benchmarks.Reconcile;
using GrainSensors.Benchmarks.Streams;

return await new RootCommand("Measures parts of GrainSensors.") 
{
    IngestScenario.Create(), BareLoop.Create(), StoreScenario.Create(), HandoverScenario.Create(), ObservabilityScenario.Create(), ReconcileScenario.Create(), StreamsScenario.Create(),
    AnnounceScenario.Create(), MonitorScenario.Create(), WatchingScenario.Create(),
}.Parse(args).InvokeAsync();
