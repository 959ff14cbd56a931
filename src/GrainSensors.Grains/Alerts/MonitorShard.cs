using GrainSensors.Contracts.Alerts;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Names;

namespace GrainSensors.Grains.Alerts;

/// <summary>The work of a monitor grain without Orleans: the watches of a shard in one activation.</summary>
/// <remarks>
/// The state has one version, and one mark for each source, so the rules of windows apply: the mark decides whether a reading is new,
/// <c>seen</c> proves that acknowledged readings are held, and a flush answers for all or none. Calls run one turn at a time, like
/// those of a grain; flushes interleave at every await.
/// </remarks>
internal sealed class MonitorShard
{
    /// <summary>
    /// The state lives as long as the shard, so its marks are limited. A checkpoint has passed those of older incarnations: that many
    /// leaders do not follow on each other between two checkpoints.
    /// </summary>
    private const int KeptIncarnations = 100;

    private readonly ShardStorage _storage;
    private readonly ExactnessRules _rules;
    private readonly ShardDirectory _directory;
    private readonly RuleDirectory? _ruleDirectory;
    private readonly TimeProvider _clock;
    private readonly LiveTopics? _topics;
    private readonly AlertTexts _texts;
    private readonly AlertOutbox _outbox;
    private readonly Flush _flush;
    private readonly SensorWatches _watches;
    private readonly List<AlertChange> _changes = [];
    private StrayAlerts _stray = StrayAlerts.None;
    private Marks _marks;
    private Marks _seen;
    private int _version;
    private int _storedVersion;
    private int _generation;
    private bool _isStale;

    public MonitorShard(
        int shard,
        MeasurementSet measurements,
        MonitorRules rules,
        SensorDirectory directory,
        IMonitorStates states,
        IAlertStore alerts,
        IAlertSink sink,
        ExactnessRules exactness,
        TimeProvider clock,
        ISensorNames? names = null,
        LiveTopics? topics = null,
        RuleDirectory? ruleDirectory = null)
    {
        (_rules, _ruleDirectory, _clock, _topics) = (exactness, ruleDirectory, clock, topics);
        _texts = new(measurements);
        _outbox = new(alerts, sink, clock, names);
        _watches = new(measurements, rules.Usual);
        _directory = new(shard, directory, _watches, rules.StartupGrace);
        _storage = new(states, shard, _watches, exactness);
        _flush = new(this);
    }

    /// <summary>Raised when a refused write proved this activation stale.</summary>
    public event Action? Stale;

    /// <inheritdoc cref="ShardStorage.BytesOfChange"/>
    public int BytesOfChange
    {
        init => _storage.BytesOfChange = value;
    }

    /// <summary>Whether the caller knows another life of the store than the one in which the state was read.</summary>
    public bool IsOtherLife(Guid life) => _rules.IsOtherLife(_storage.Life, life);

    public bool HasUnwrittenState => _version != _storedVersion;

    /// <summary>The number of sources that have fed this activation.</summary>
    public int Sources => _seen.ToArray().DistinctBy(mark => mark.Source.WithoutIncarnation()).Count();

    /// <summary>
    /// Takes over the durable state and the open alerts. Call it before any other method, and after the directories have read the rules
    /// and the dismissals: readings that an earlier activation ignored must not bring a sensor back here.
    /// </summary>
    public void Load(StoredMonitor stored, IReadOnlyList<Alert> open)
    {
        _marks = _storage.Load(stored);
        _directory.TakeForgotten();
        _seen = _rules.SeenAfterLoad(_seen, _marks);
        _stray = StrayAlerts.Of(open, _watches, _texts);
        ApplyRules(SensorWatch.Never);
    }

    public AddStatus Observe(SourceId source, ShardReadings readings, long previous, long streamTime)
    {
        if (_isStale || _rules.IsGap(_seen[source], previous))
        {
            return AddStatus.Gap;
        }

        if (readings.Count == 0)
        {
            return AddStatus.Applied;
        }

        _version += _watches.RetainTopics(_topics?.Ids, source) ? 1 : 0;
        var last = Marks.None;
        foreach (ref readonly var reading in readings.Span)
        {
            last = Math.Max(last, reading.Offset);
        }

        var mark = _marks[source];
        var now = EpochTime.Now(_clock);
        _watches.Observe(source.WithoutIncarnation(), readings.Batch, readings.Span, mark, _rules, streamTime, now, _changes);
        _marks = (mark == Marks.None ? _marks.WithoutOlderThan(source, KeptIncarnations) : _marks).Raise(source, last);
        _seen = _seen.Raise(source, last);
        _version++;
        if (_stray.Count > 0)
        {
            _stray.ClearObsolete(_watches, _changes);
        }

        Send();
        return AddStatus.Applied;
    }

    /// <returns>See <see cref="IMonitorGrain.Tick"/>.</returns>
    public bool Tick(SourceId source, long streamTime, long lastSent)
    {
        if (_isStale || Math.Max(_marks[source], _seen[source]) < lastSent)
        {
            // Another activation has readings that this one lacks. The next flush decides which of them is stale.
            return true;
        }

        ApplyRules(streamTime);
        _version += _directory.Apply(streamTime, _changes) ? 1 : 0;
        _version += _directory.ApplyForgotten(_stray, _changes) ? 1 : 0;
        _version += _watches.RetainTopics(_topics?.Ids, source) ? 1 : 0;
        _watches.Tick(source.WithoutIncarnation(), streamTime, _changes);
        if (_changes.Count > 0)
        {
            // No reading caused this change, so no checkpoint of a loop will flush it.
            _version++;
            Send();
            _ = FlushAloneAsync();
        }

        return _watches.HasSensorsOf(source.WithoutIncarnation());
    }

    public async Task<long> FlushAsync(SourceId source)
    {
        var (isWritten, seen) = await _flush.RunAsync();
        return _rules.FlushAnswer(isWritten, seen[source], _seen[source]);
    }

    private async Task FlushAloneAsync()
    {
        // The flushes of the loops report a failure. Until the state is durable, a crash makes the alerts be written again.
        await ((Task)_flush.RunAsync())
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private async Task<(bool IsWritten, Marks Seen)> WriteAsync()
    {
        var (generation, seen, version) = (_generation, _seen, _version);
        if (_isStale)
        {
            return (false, seen);
        }

        if (version == _storedVersion)
        {
            return (true, seen);
        }

        var copy = _storage.BeginWrite(_marks);
        await _outbox.WrittenAsync(_outbox.Added);
        if (generation != _generation)
        {
            return (false, seen);
        }

        var isWritten = await _storage.WriteAsync(copy, _marks);
        if (generation != _generation)
        {
            return (false, seen);
        }

        if (!isWritten)
        {
            BecomeStale();
            return (false, seen);
        }

        _storedVersion = version;
        return (true, seen);
    }

    private void BecomeStale()
    {
        _generation++;
        _isStale = true;
        _seen = Marks.Empty;
        _outbox.Clear();
        Stale?.Invoke();
    }

    private void Send()
    {
        if (_changes.Count == 0)
        {
            return;
        }

        foreach (ref readonly var change in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_changes))
        {
            var (happened, row) = _texts.Of(change);
            _outbox.Add(happened, row);
        }

        _changes.Clear();
        _outbox.Start();
    }

    /// <summary>Applies changes of the rules as data.</summary>
    /// <param name="at">As for <see cref="SensorWatches.UseRules"/>.</param>
    private void ApplyRules(long at)
    {
        _texts.Rules = _ruleDirectory?.Current ?? CompiledRules.None;
        _version += _watches.UseRules(_texts.Rules.Set, at, _changes) ? 1 : 0;
    }

    private sealed class Flush(MonitorShard shard) : SingleFlight<(bool IsWritten, Marks Seen)>
    {
        protected override Task<(bool IsWritten, Marks Seen)> WorkAsync() => shard.WriteAsync();
    }
}
