using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.Partitions;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>A loop on one partition of the simulated log, and its consumer, which fetches with a delay.</summary>
internal sealed class SimulatedPartition : IPartitionConsumer
{
    private readonly Random _random;
    private readonly IReadOnlyList<Reading> _log;
    private readonly PartitionBuffer _buffer;
    private (long Offset, int Generation)? _seek;
    private long _next;
    private int _generation;
    private bool _paused;

    public SimulatedPartition(
        SourceId source,
        IReadOnlyList<Reading> log,
        SimulatedStore store,
        SimulatedGrains grains,
        IngestOptions options,
        ExactnessRules rules,
        TimeProvider clock,
        Random random,
        SimulatedMonitors? monitors = null)
    {
        (Source, _log, _random) = (source, log, random);
        var wake = new Signal();
        _buffer = new(options.BufferCapacity, wake, rules) { SpaceFreed = () => _paused = false };
        _buffer.SetFetching(true);
        var checkpoint = store.CheckpointOf(source);
        _next = checkpoint?.NextOffset ?? 0;
        var open = store.ReadOpenAsync(CancellationToken.None).GetAwaiter().GetResult()
            .Where(window => window.Marks[source] != Marks.None).Select(window => window.Window).ToList();
        Loop = new(new()
        {
            Start = new(source, _next, checkpoint?.StreamTime ?? Core.Time.EpochTime.Min, open),
            Buffer = _buffer,
            Wake = wake,
            Consumer = this,
            WindowGrainOf = grains.Reference,
            LocalGrains = grains,
            Monitors = monitors is null ? null : new(source, SensorShards.Count, monitors.Reference, clock),
            Store = store,
            DeadLetters = new NoDeadLetters(),
            Options = options,
            Rules = rules,
            Clock = clock,
            Logger = NullLogger.Instance,
        });
        Completion = Loop.RunAsync();
    }

    public SourceId Source { get; }

    public PartitionLoop Loop { get; }

    public Task Completion { get; }

    /// <summary>Whether another loop on the same partition has replaced this one, which does not know it.</summary>
    public bool IsZombie { get; set; }

    public void Seek(long offset, int generation) => _seek = (offset, generation);

    public void StoreOffset(long nextOffset)
    {
    }

    /// <summary>Fetches a few messages. A requested seek takes effect later.</summary>
    public void Fetch()
    {
        if (_seek is { } seek && _random.Next(3) == 0)
        {
            (_next, _generation) = seek;
            _seek = null;
            _paused = false;
        }

        for (var count = _random.Next(1, 5); count > 0 && !_paused && _next < _log.Count; count--)
        {
            _paused = !_buffer.Append(_generation, [_log[(int)_next++]]);
        }

        if (_next == _log.Count)
        {
            _buffer.ReachedEnd(_generation, _next);
        }
    }
}
