using System.CommandLine;
using GrainSensors.Benchmarks.Announce;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Benchmarks.Growth;
using GrainSensors.Benchmarks.Handover;
using GrainSensors.Benchmarks.Ingest;
using GrainSensors.Benchmarks.Latency;
using GrainSensors.Benchmarks.Memory;
using GrainSensors.Benchmarks.Micro;
using GrainSensors.Benchmarks.Monitoring;
using GrainSensors.Benchmarks.Observability;
using GrainSensors.Benchmarks.Reconcile;
using GrainSensors.Benchmarks.Recovery;
using GrainSensors.Benchmarks.Store;
using GrainSensors.Benchmarks.Streams;

var root = new RootCommand("Measures GrainSensors. Exit codes: 0 done, 2 could not run, 4 what was measured was not right, 1 a defect.")
{
    IngestScenario.Create(), BareLoop.Create(), FeederCommand.Create(),
    LatencyScenario.Create(), MemoryScenario.Create(), RecoveryScenario.Create(), GrowthScenario.Create(),
    StoreScenario.Create(), HandoverScenario.Create(), ObservabilityScenario.Create(), ReconcileScenario.Create(), StreamsScenario.Create(),
    AnnounceScenario.Create(), MonitorScenario.Create(), WatchingScenario.Create(), MicroCommand.Create(),
};

return await Invocation.InvokeAsync(root, args);
