using System.Collections.Frozen;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Replay;
using GrainSensors.RuleFiles;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Rules;

/// <summary>Applies rules to a recording by the watches of the monitors, without Kafka and without a store.</summary>
internal sealed class RuleTestRun(PipelineSettings settings, RuleTestRequest request, TimeProvider clock)
{
    private const int BatchSize = 1000;

    private readonly List<(long Line, string Reason)> _rejected = [];
    private readonly Dictionary<int, SensorRef> _sensors = [];
    private long _readings;

    /// <exception cref="UsageException">A rule is invalid, or a file cannot be read.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var measurements = settings.Measurements;
        var rules = RuleFile.Check(RuleFile.Read(request.Rules), request.Rules, measurements);
        var set = new RuleSet(await SelectAsync([.. rules.Where(rule => rule.IsEnabled)], cancellationToken));
        var watches = new SensorWatches(
            measurements, new(new() { IsEnabled = false }, [.. measurements.All.Select(_ => (ExtremeRule?)null)]));
        var changes = new List<AlertChange>();
        watches.UseRules(set, SensorWatch.Never, changes);
        var timeline = new RuleTimeline();
        using var csv = Open();
        Apply(csv, watches, changes, timeline, cancellationToken);
        foreach (var (line, reason) in _rejected)
        {
            await Console.Error.WriteLineAsync($"{csv.Name}, line {line}: {reason}");
        }

        var report = RuleTestReport.Of(csv.Name, _readings, _sensors, [.. rules.Select(rule => rule.Id)], timeline, request.From);
        Console.WriteLine(request.Json ? report.ToJson() : report.ToText());
        return _rejected.Count > 0 ? ExitCodes.SomethingRejected : ExitCodes.Success;
    }

    private CsvReadings Open() => new(request.Recording, settings.Measurements, settings.Readings, clock);

    private void Apply(
        CsvReadings csv, SensorWatches watches, List<AlertChange> changes, RuleTimeline timeline, CancellationToken cancellationToken)
    {
        var (batch, last) = (new ReadingBatch(BatchSize), SensorWatch.Never);
        while (csv.Read(out var reading, out var error))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (error is not null)
            {
                _rejected.Add((csv.Line, error));
            }
            else if (reading.Timestamp < request.To)
            {
                _sensors.TryAdd(csv.Sensor.Id, csv.Sensor);
                reading.Offset = _readings++;
                batch.Add(reading);
                last = Math.Max(last, reading.Timestamp);
                if (batch.Count == BatchSize)
                {
                    Observe();
                }
            }
        }

        Observe();
        watches.Tick(default, last, changes);
        Report();

        void Observe()
        {
            watches.Observe(
                default, batch, batch.Readings, Marks.None, ExactnessRules.Default, SensorWatch.Never, long.MaxValue, changes);
            Report();
            batch.Clear();
        }

        void Report()
        {
            changes.ForEach(timeline.Add);
            changes.Clear();
        }
    }

    private async Task<IReadOnlyList<WatchedRule>> SelectAsync(IReadOnlyList<AlertRule> rules, CancellationToken cancellationToken)
    {
        var named = rules.Any(RuleCompiler.IsByRegistry) ? ReadNames(cancellationToken) : [];
        var selected = new List<WatchedRule>();
        foreach (var rule in rules)
        {
            var sensors = rule.Selector.Sensors.IsEmpty ? null : rule.Selector.Sensors.Select(NumberOf).ToHashSet();
            if (rule.Selector.Tags.Count > 0)
            {
                var tagged = await ReadTaggedAsync(rule, cancellationToken);
                sensors = sensors is null ? [.. tagged.Select(NumberOf)] : [.. sensors.Intersect(tagged.Select(NumberOf))];
            }

            selected.Add(rule.ToWatched(settings.Measurements, sensors?.ToFrozenSet()));
        }

        return selected;

        int NumberOf(SensorRef sensor) => sensor.Name is { } name ? named.GetValueOrDefault(name, SensorName.NoNumber) : sensor.Id;
    }

    /// <summary>The numbers that the recording gives to names: the same each time that it is read.</summary>
    private Dictionary<string, int> ReadNames(CancellationToken cancellationToken)
    {
        if (request.Recording.Path == "-")
        {
            throw new UsageException("A rule selects sensors by name or tag, so the recording is read twice; give a file in place of -.");
        }

        var numbers = new Dictionary<string, int>();
        using var csv = Open();
        while (csv.Read(out _, out _))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (csv.Sensor.Name is { } name)
            {
                numbers.TryAdd(name, csv.Sensor.Id);
            }
        }

        return numbers;
    }

    private async Task<IReadOnlyList<SensorRef>> ReadTaggedAsync(AlertRule rule, CancellationToken cancellationToken)
    {
        if (!request.HasStore)
        {
            throw new UsageException($"The rule {rule.Id} selects by tags, which are in the registry; give --store.");
        }

        await using var store = await StoreFactory.OpenAsync(settings, cancellationToken);
        return await store.Sensors.ReadAllAsync(rule.Selector.Tags, cancellationToken).Select(sensor => sensor.Sensor)
            .ToListAsync(cancellationToken);
    }
}
