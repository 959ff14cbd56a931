using System.Text;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.Consuming;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Discovery;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Storage.Names;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>The loop on one partition of the simulated log, and its consumer, which fetches with a delay.</summary>
internal sealed class SimulatedPartition
{
    private readonly Random _random;
    private readonly SimulatedLog _log;
    private readonly SimulatedStore _store;
    private readonly SimulatedGrains _grains;
    private readonly SimulatedMonitors? _monitors;
    private readonly SimulatedJudge? _judge;
    private readonly IngestOptions _options;
    private readonly ExactnessRules _rules;
    private readonly TimeProvider _clock;
    private readonly SourceId _partition;
    private readonly SensorNames? _names;
    private readonly MeasurementDiscovery? _discovery;
    private PartitionBuffer _buffer = null!;
    private Consumer _consumer = null!;
    private LeaderEpochs _epochs = null!;
    private Refusals _refusals = null!;
    private (long Offset, int Generation)? _seek;
    private Task? _closing;
    private Guid _life;
    private long _start;
    private long _next;
    private int _generation;
    private bool _paused;
    private bool _mustStartOver;
    private bool _isEnding;

    public SimulatedPartition(
        SourceId partition,
        SimulatedLog log,
        SimulatedStore store,
        SimulatedGrains grains,
        IngestOptions options,
        ExactnessRules rules,
        TimeProvider clock,
        Random random,
        SimulatedMonitors? monitors = null,
        SimulatedJudge? judge = null)
    {
        _judge = judge;
        (_partition, _log, _random, _store, _grains, _monitors) = (partition, log, random, store, grains, monitors);
        (_options, _rules, _clock) = (options, rules, clock);
        _names = store.Names?.Open(rules, clock);
        _discovery = store.Measurements?.Open();
        Loop = Begin();
    }

    public SourceId Source => _partition;

    public PartitionLoop Loop { get; private set; }

    /// <summary>Whether another loop on the same partition has replaced this one, which does not know it.</summary>
    public bool IsZombie { get; set; }

    /// <summary>Whether every reading is durable and every window is closed. Asks the loop for it.</summary>
    public bool IsClosed()
    {
        var isRead = Loop.Counters.Checkpointed == _log.Readings.Count && IsSameLog(_log.Readings.Count);
        if (_closing is null || (_closing.IsCompleted && !isRead))
        {
            _closing = Loop.Requests.CloseAllAsync();
        }

        return _closing.IsCompleted && isRead && !Loop.Requests.IsCompleted && _life == _store.Life;
    }

    /// <summary>Fetches a few messages. A requested seek takes effect later.</summary>
    public void Fetch()
    {
        if (_mustStartOver || (_isEnding && Loop.Requests.IsCompleted))
        {
            Loop.Requests.Drop();
            Loop = Begin();
        }

        if (_isEnding)
        {
            return;
        }

        if (_seek is { } seek && _random.Next(3) == 0)
        {
            (_next, _generation) = seek;
            _seek = null;
            _paused = false;
        }

        _log.Grow();
        for (var count = _random.Next(1, 5); count > 0 && !_paused && _next < _log.End; count--)
        {
            if (_next >= _epochs.NextAfter(_start) || _epochs.EpochAt(_start) != _log.EpochOf(_next))
            {
                End();
                return;
            }

            var reading = _log.Fetch(_next++);
            _paused = _judge?.Reject(_refusals, _partition, reading) is { } deadLetter
                ? !_buffer.Append(_generation, deadLetter)
                : !(_names is not null ? AppendNamed(_names, reading) : Append(reading));
        }

        // The client notices that the leader has changed, and asks it whether it has what was read.
        if (!IsSameLog(_next))
        {
            End();
        }
        else if (_next == _log.End)
        {
            _buffer.ReachedEnd(_generation, _next);
            _refusals.ReachedEnd(_next);
        }
    }

    /// <summary>Whether the log still holds what was read below an offset.</summary>
    private bool IsSameLog(long next) =>
        next <= _log.Readings.Count && (next == 0 || _log.EpochOf(next - 1) == _epochs.EpochAt(next - 1));

    /// <summary>Appends a reading with the number of its name, or with the name if the number is not known.</summary>
    private bool AppendNamed(SensorNames names, Reading reading)
    {
        var name = Schedule.NameOf(reading.SensorId);
        var utf8 = Encoding.UTF8.GetBytes(name);
        var isKnown = names.TryFind(utf8, out var number);
        reading.SensorId = isKnown ? number : SensorName.NoNumber;
        return isKnown ? _buffer.Append(_generation, ReadingBatch.Of(reading)) : _buffer.Append(_generation, ReadingBatch.Of(reading), new()
        {
            Topic = "simulated",
            Partition = _partition.Partition,
            Offset = reading.Offset,
            Value = Encoding.UTF8.GetBytes($$"""{"sensor_id":"{{name}}"}"""),
        }, utf8);
    }

    private bool Append(Reading reading)
    {
        if (_log.Many is { } many)
        {
            Reading[] readings = [.. ManyReadings.Of(reading)];
            return many.AreSplit
                ? Array.TrueForAll(readings, one => _buffer.Append(_generation, ReadingBatch.Of(one)))
                : _buffer.Append(_generation, ReadingBatch.Of(readings));
        }

        if (_discovery is null)
        {
            return _buffer.Append(_generation, ReadingBatch.Of(reading));
        }

        if (_store.Measurements!.Parse(reading, _discovery.Catalog) is { } batch)
        {
            return _buffer.Append(_generation, batch);
        }

        _buffer.Skip(_generation, reading.Offset);
        return true;
    }

    private void End()
    {
        _isEnding = true;
        _ = Loop.Requests.FinishAsync();
    }

    private PartitionLoop Begin()
    {
        (_mustStartOver, _isEnding, _seek, _generation, _paused, _closing) = (false, false, null, 0, false, null);
        var wake = new Signal();
        var life = _life = _store.ReadLife();
        var checkpoint = _store.CheckpointOf(_partition);
        var log = new LogComparison(_log, 0, _log.Readings.Count)
            .Continue(checkpoint?.NextOffset ?? 0, checkpoint?.Epochs ?? LeaderEpochs.None);
        (_start, _next, _epochs) = (log.Offset, log.Offset, log.Epochs);
        var source = _partition with { Incarnation = _rules.IncarnationOf(_epochs, _start) };
        var replaced = checkpoint;
        checkpoint = new(source, _start, replaced?.StreamTime ?? EpochTime.Min, replaced?.OpenFrom ?? long.MaxValue)
        {
            Epochs = _epochs,
            Token = _random.NextInt64(),
            Life = life,
            JudgedFrom = replaced?.JudgedFrom ?? EpochTime.Now(_clock),
            RemovesRefusalsBelow = _start,
            Replaces = replaced is null ? [] : [replaced.Token],
        };
        Assert.True(_store.Replace(checkpoint));
        _refusals = _judge?.Begin(_store.RefusalsOf(source), checkpoint.JudgedFrom, _log) ?? new();
        _buffer = new(_options.BufferCapacity, wake, _rules) { SpaceFreed = () => _paused = false };
        _buffer.SetFetching(true);
        var open = _store.ReadOpenAsync(CancellationToken.None).GetAwaiter().GetResult()
            .Where(window => window.Marks.AnyIncarnationOf(_partition)).Select(window => window.Window).ToList();
        var loop = new PartitionLoop(new()
        {
            Start = new(source, _start, checkpoint!.StreamTime, open)
            {
                Epochs = _epochs,
                CheckpointToken = checkpoint.Token,
                OwnedAt = EpochTime.Now(_clock),
                Refusals = _refusals,
                Life = life,
            },
            Buffer = _buffer,
            Wake = wake,
            Consumer = _consumer = new(this),
            WindowGrainOf = (sensorId, period) => _grains.Reference(sensorId, period, _discovery?.Catalog),
            LocalGrains = _discovery is null ? _grains : null,
            Monitors = _monitors is null ? null : new(source, SensorShards.Count, _monitors.Reference, _clock),
            Store = _store,
            Names = _names,
            Discovery = _discovery,
            FlushBudget = new(_options, 1, _clock),
            DeadLetters = _judge is null ? new NoDeadLetters() : _judge,
            Rejection = _judge?.Rules,
            Options = _options,
            Rules = _rules,
            Clock = _clock,
            Random = _random,
            Logger = NullLogger.Instance,
        });
        _ = loop.RunAsync();
        return loop;
    }

    /// <summary>The consumer of one loop. Requests of a loop that was replaced have no effect.</summary>
    private sealed class Consumer(SimulatedPartition partition) : IPartitionConsumer
    {
        public void Seek(long offset, int generation)
        {
            if (partition._consumer == this)
            {
                partition._seek = (offset, generation);
            }
        }

        public void StartOver() => partition._mustStartOver |= partition._consumer == this;

        public void StoreOffset(long nextOffset)
        {
        }
    }
}
