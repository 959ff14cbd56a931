using System.Collections.Frozen;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
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
    private Dictionary<string, int> _named = [];
    private long _readings;

    /// <exception cref="UsageException">A rule is invalid, or a file cannot be read.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var measurements = settings.Measurements;
        var rules = RuleFile.Check(RuleFile.Read(request.Rules), request.Rules, measurements);
        if (rules.FirstOrDefault(rule => rule is { IsEnabled: true, Condition: CompareCondition }) is { } compared)
        {
            throw new UsageException($"The rule {compared.Id} compares stored windows, which a recording has not; leave it out.");
        }

        var groups = rules.Where(rule => rule is { IsEnabled: true, Condition: GroupCondition }).ToList();
        var set = new RuleSet(await SelectAsync([.. rules.Where(rule => rule.IsEnabled).Except(groups)], cancellationToken));
        var members = await GroupsAsync(groups, rules, cancellationToken);

        // Rules about groups may count the alerts of the built-in rules.
        var watches = new SensorWatches(
            measurements,
            groups.Count > 0
                ? settings.Rules.Usual
                : new(new() { IsEnabled = false }, [.. measurements.All.Select(_ => (ExtremeRule?)null)]));
        var changes = new List<AlertChange>();
        watches.UseRules(set, SensorWatch.Never, changes);
        var timeline = new RuleTimeline();
        using var csv = Open();
        var end = Apply(csv, watches, changes, timeline, cancellationToken);
        var raised = members.SelectMany(rule => rule.Apply(timeline.Intervals, _sensors.Keys, end)).ToList();
        foreach (var (line, reason) in _rejected)
        {
            await Console.Error.WriteLineAsync($"{csv.Name}, line {line}: {reason}");
        }

        var report = RuleTestReport.Of(csv.Name, _readings, _sensors, rules, timeline, raised, request.From);
        Console.WriteLine(request.Json ? report.ToJson() : report.ToText());
        return _rejected.Count > 0 ? ExitCodes.SomethingRejected : ExitCodes.Success;
    }

    private CsvReadings Open() => new(request.Recording, settings.Measurements, settings.Readings, clock);

    /// <returns>The time of the last reading.</returns>
    private long Apply(
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
        return last;

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
        _named = rules.Any(RuleCompiler.IsByRegistry) ? ReadNames(cancellationToken) : [];
        var selected = new List<WatchedRule>();
        foreach (var rule in rules)
        {
            var sensors = rule.Selector.Sensors.IsEmpty ? null : rule.Selector.Sensors.Select(NumberOf).ToHashSet();
            if (rule.Selector.Tags.Count > 0)
            {
                var tagged = await ReadTaggedAsync(rule, cancellationToken);
                var numbers = tagged.Select(sensor => NumberOf(sensor.Sensor));
                sensors = sensors is null ? [.. numbers] : [.. sensors.Intersect(numbers)];
            }

            selected.Add(rule.ToWatched(settings.Measurements, sensors?.ToFrozenSet()));
        }

        return selected;
    }

    private async Task<IReadOnlyList<TestedGroups>> GroupsAsync(
        IReadOnlyList<AlertRule> groups, IReadOnlyList<AlertRule> rules, CancellationToken cancellationToken)
    {
        var tested = new List<TestedGroups>();
        foreach (var rule in groups)
        {
            var condition = (GroupCondition)rule.Condition;
            var known = rules.Except(groups).Select(other => other.Id).Where(id => !AlertRule.IsBuiltIn(id)).ToHashSet();
            if (condition.Of.FirstOrDefault(id => !AlertRule.IsBuiltIn(id) && !known.Contains(id)) is { } missing)
            {
                throw new UsageException(
                    $"The rule {rule.Id} counts alerts of the rule {missing}, which is not in {request.Rules}; add it.");
            }

            tested.Add(new(rule, await MembersAsync(rule, condition, cancellationToken)));
        }

        return tested;
    }

    /// <returns>The sensors by group; null: those of the recording are one group.</returns>
    private async Task<IReadOnlyDictionary<SensorTags, HashSet<int>>?> MembersAsync(
        AlertRule rule, GroupCondition condition, CancellationToken cancellationToken)
    {
        var selector = rule.Selector;
        if (selector.Sensors.Any(sensor => sensor.Name is not null) || selector.Tags.Count > 0 || !condition.By.IsEmpty)
        {
            _named = ReadNames(cancellationToken);
        }

        var listed = selector.Sensors.IsEmpty ? null : selector.Sensors.Select(NumberOf).ToHashSet();
        if (selector.Tags.Count == 0 && condition.By.IsEmpty && (listed is not null || !request.HasStore))
        {
            return listed is null ? null : new Dictionary<SensorTags, HashSet<int>> { [SensorTags.None] = listed };
        }

        var unknown = int.MinValue;
        return (await ReadTaggedAsync(rule, cancellationToken))
            .Select(sensor => (Number: NumberOf(sensor.Sensor), Group: RuleCompiler.GroupOf(sensor, condition)))
            .Where(sensor => sensor.Group is not null && listed?.Contains(sensor.Number) != false)
            .GroupBy(sensor => sensor.Group!, sensor => sensor.Number == SensorName.NoNumber ? unknown++ : sensor.Number)
            .ToDictionary(group => group.Key, group => group.ToHashSet());
    }

    private int NumberOf(SensorRef sensor) =>
        sensor.Name is { } name ? _named.GetValueOrDefault(name, SensorName.NoNumber) : sensor.Id;

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

    private async Task<IReadOnlyList<RegisteredSensor>> ReadTaggedAsync(AlertRule rule, CancellationToken cancellationToken)
    {
        if (!request.HasStore)
        {
            throw new UsageException($"The rule {rule.Id} selects by tags, which are in the registry; give --store.");
        }

        await using var store = await StoreFactory.OpenAsync(settings, cancellationToken);
        return await store.Sensors.ReadAllAsync(rule.Selector.Tags, cancellationToken).ToListAsync(cancellationToken);
    }
}
