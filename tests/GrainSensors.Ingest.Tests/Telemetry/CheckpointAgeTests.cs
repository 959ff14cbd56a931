using System.Diagnostics.Metrics;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Status;
using GrainSensors.Ingest.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Ingest.Tests.Telemetry;

/// <summary>The metric for alarms about stalled partitions.</summary>
public sealed class CheckpointAgeTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(50));

    [Fact]
    public void A_partition_without_a_checkpoint_ages_from_its_assignment_on() =>
        Assert.Equal(60, AgeOf(Partition(isReady: true, checkpointed: 0, secondsSinceCheckpoint: null)));

    [Fact]
    public void A_partition_ages_from_its_last_checkpoint_on() =>
        Assert.Equal(7, AgeOf(Partition(isReady: true, checkpointed: 5, secondsSinceCheckpoint: 7)));

    [Fact]
    public void A_partition_whose_log_is_durable_has_no_age() =>
        Assert.Equal(0, AgeOf(Partition(isReady: true, checkpointed: 10, secondsSinceCheckpoint: 7)));

    [Fact]
    public void A_partition_whose_start_is_not_known_yet_ages_too() =>
        Assert.Equal(60, AgeOf(Partition(isReady: false, checkpointed: 0, secondsSinceCheckpoint: null) with { EndOffset = 0 }));

    private PartitionStatus Partition(bool isReady, long checkpointed, long? secondsSinceCheckpoint) => new(
        Partition: 3,
        isReady,
        Position: 10,
        checkpointed,
        CheckpointedAt: secondsSinceCheckpoint is { } seconds ? EpochTime.Now(_clock) - (seconds * EpochTime.MicrosPerSecond) : 0,
        AssignedAt: EpochTime.Now(_clock) - (60 * EpochTime.MicrosPerSecond),
        EndOffset: 10,
        StreamTime: EpochTime.Min,
        OpenWindows: 0,
        Trouble: null);

    private double AgeOf(PartitionStatus partition)
    {
        using var meters = new TestMeters();
        new IngestMetrics(meters, _clock).Observe(() => new(IngestTotals.None, [partition]), static () => default, static () => 0);
        double? age = null;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meters.Meter && instrument.Name == "grainsensors.ingest.checkpoint.age")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => age = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return Assert.NotNull(age);
    }

    /// <summary>A meter of its own: other tests measure at the same time.</summary>
    private sealed class TestMeters : IMeterFactory
    {
        public Meter? Meter { get; private set; }

        public Meter Create(MeterOptions options) => Meter = new(options);

        public void Dispose() => Meter?.Dispose();
    }
}
