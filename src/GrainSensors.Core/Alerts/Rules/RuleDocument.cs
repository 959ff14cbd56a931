using System.Collections.Immutable;
using System.Text.Json;
using GrainSensors.Core.Expressions;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
using GrainSensors.Core.Text;

namespace GrainSensors.Core.Alerts.Rules;

/// <summary>
/// The parser of a rule in JSON:
/// <c>{"id":"warm","kind":"threshold","selector":{"measurement":"temperature"},"above":30,"hysteresis":1,"dwell":"5m"}</c>.
/// </summary>
public static class RuleDocument
{
    /// <summary>In characters, of the message.</summary>
    public const int MaxMessage = 1000;

    private const int MaxReadings = 100_000;
    private const int MaxSensors = 10_000;
    private const int MaxRunbook = 2000;

    /// <param name="id">The id, if the document has none; one that it has must be the same.</param>
    /// <exception cref="FormatException">The rule is invalid; the message names the member and the valid values.</exception>
    public static AlertRule Parse(JsonElement json, MeasurementSet measurements, string? id = null)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("A rule must be an object with id, kind and selector.");
        }

        var members = new RuleMembers(json);
        var given = members.Text("id", int.MaxValue) ?? id ?? throw members.Missing("id", AlertRule.IdForm);
        if (!AlertRule.IsId(given))
        {
            throw new FormatException(
                $"\"id\" must be {AlertRule.IdForm}, other than disconnected and extreme; got \"{PrintableText.Escape(given, 100)}\".");
        }

        if (id is not null && given != id)
        {
            throw new FormatException($"\"id\" must be \"{id}\", as in the address; got \"{given}\".");
        }

        var kind = RuleConditions.KindOf(members);
        var selector = SelectorOf(members.Object("selector"), measurements, RuleConditions.CanBeWithoutMeasurement(kind));
        var condition = RuleConditions.Parse(kind, members, measurements);
        if (condition is ExpressionCondition { Expression: var expression })
        {
            selector = WithMeasurementOf(expression, selector);
        }

        if (condition is GroupCondition group)
        {
            GroupMembers.Check(group, given, selector);
        }

        var rule = new AlertRule(given, selector, condition)
        {
            Level = LevelOf(members, kind),
            IsEnabled = members.Flag("enabled", true),
            DwellReadings = DwellReadingsOf(members, kind),
            DwellTime = members.Time("dwell", canBeZero: true) ?? 0,
            CoolDown = members.Time("cool_down", canBeZero: true) ?? DisconnectionRule.DefaultCoolDown,
            Labels = members.Find("labels") is { } labels ? TagsOf("labels", labels) : SensorTags.None,
            Runbook = RunbookOf(members),
            Message = members.Text("message", MaxMessage),
        };
        members.RequireNoOther();
        return rule;
    }

    /// <param name="canBeWithout">Whether the measurement may be missing.</param>
    private static RuleSelector SelectorOf(RuleMembers members, MeasurementSet measurements, bool canBeWithout)
    {
        var declared = string.Join(", ", measurements.All.Select(measurement => measurement.Name));
        var name = members.Text("measurement", int.MaxValue)
            ?? (canBeWithout ? "" : throw members.Missing("measurement", $"one of {declared}"));
        if (name.Length > 0 && measurements.IndexOf(name) < 0)
        {
            throw new FormatException(
                $"\"selector.measurement\" must be a declared measurement: {declared}; got \"{PrintableText.Escape(name, 100)}\".");
        }

        var selector = new RuleSelector(name)
        {
            Sensors = members.Find("sensors") is { } sensors ? SensorsOf(members, sensors) : [],
            Tags = members.Find("tags") is { } tags ? TagsOf("selector.tags", tags) : SensorTags.None,
        };
        members.RequireNoOther();
        return selector;
    }

    /// <summary>The alerts of an expression are about its first measurement, unless the selector has another one of it.</summary>
    private static RuleSelector WithMeasurementOf(MeasurementExpression expression, RuleSelector selector) =>
        selector.Measurement.Length == 0 ? selector with { Measurement = expression.Names[0] }
        : expression.Names.Contains(selector.Measurement) ? selector
        : throw new FormatException(
            $"\"selector.measurement\" must be a measurement of the expression: {string.Join(", ", expression.Names)}; "
            + $"got \"{PrintableText.Escape(selector.Measurement, 100)}\".");

    private static ImmutableArray<SensorRef> SensorsOf(RuleMembers members, JsonElement sensors)
    {
        if (sensors.ValueKind != JsonValueKind.Array || sensors.GetArrayLength() is 0 or > MaxSensors)
        {
            throw members.Invalid("sensors", $"a list of 1 to {MaxSensors} sensor ids or names", sensors);
        }

        return [.. sensors.EnumerateArray().Select(item => SensorRef.Read(item) ?? throw members.Invalid("sensors", "ids or names", item))];
    }

    private static SensorTags TagsOf(string name, JsonElement tags)
    {
        if (tags.ValueKind != JsonValueKind.Object
            || tags.EnumerateObject().Any(tag => tag.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number)))
        {
            throw new FormatException($"\"{name}\" must be an object of texts, such as {{\"room\":\"kitchen\"}}.");
        }

        return SensorTags.Of(tags.EnumerateObject().Select(tag => KeyValuePair.Create(tag.Name, tag.Value.ToString())));
    }

    private static int DwellReadingsOf(RuleMembers members, AlertKind kind) => kind is AlertKind.Disconnected or AlertKind.Group
        ? 1
        : members.Count("dwell_readings", 1, MaxReadings) ?? (kind is AlertKind.Rate or AlertKind.Stuck ? 2 : 1);

    private static AlertLevel LevelOf(RuleMembers members, AlertKind kind) => members.Text("severity", 100)?.ToUpperInvariant() switch
    {
        null => AlertNames.LevelOf(kind),
        "WARNING" => AlertLevel.Warning,
        "ERROR" => AlertLevel.Error,
        var other => throw new FormatException($"\"severity\" must be WARNING or ERROR; got \"{PrintableText.Escape(other, 100)}\"."),
    };

    private static string? RunbookOf(RuleMembers members)
    {
        var runbook = members.Text("runbook", MaxRunbook);
        return runbook is null || (Uri.TryCreate(runbook, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https"))
            ? runbook
            : throw new FormatException(
                $"\"runbook\" must be an address such as https://example.org/runbook; got \"{PrintableText.Escape(runbook, 100)}\".");
    }
}
