using System.CommandLine;
using GrainSensors.Benchmarks.Announce;
using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Benchmarks.Growth;
using GrainSensors.Benchmarks.Guard;
using GrainSensors.Benchmarks.Handover;
using GrainSensors.Benchmarks.Http;
using GrainSensors.Benchmarks.Ingest;
using GrainSensors.Benchmarks.Latency;
using GrainSensors.Benchmarks.Memory;
using GrainSensors.Benchmarks.Micro;
using GrainSensors.Benchmarks.Monitoring;
using GrainSensors.Benchmarks.Mqtt;
using GrainSensors.Benchmarks.Names;
using GrainSensors.Benchmarks.Observability;
using GrainSensors.Benchmarks.Parsing;
using GrainSensors.Benchmarks.Reconcile;
using GrainSensors.Benchmarks.Recovery;
using GrainSensors.Benchmarks.Store;
using GrainSensors.Benchmarks.Streams;

namespace GrainSensors.Benchmarks;

/// <summary>Everything that can be measured.</summary>
internal static class Scenarios
{
    public static RootCommand Create() => new(
        "Measures GrainSensors. Exit codes: 0 done, 2 could not run, 4 what was measured was not right, 1 a defect.")
    {
        IngestScenario.Create(), GuardScenario.Create(), LatencyScenario.Create(), MemoryScenario.Create(),
        RecoveryScenario.Create(), GrowthScenario.Create(),
        StoreScenario.Create(), HandoverScenario.Create(), ReconcileScenario.Create(), StreamsScenario.Create(), AnnounceScenario.Create(),
        MonitorScenario.Create(), NamesScenario.Create(), WatchingScenario.Create(), ObservabilityScenario.Create(), MicroCommand.Create(),
        ParseScenario.Create(), MqttScenario.Create(), HttpScenario.Create(),

        // Parts of others, hidden.
        BareLoop.Create(), FeederCommand.Create(),
    };
}
