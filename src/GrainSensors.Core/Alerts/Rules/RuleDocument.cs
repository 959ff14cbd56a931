using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
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
    private const string Kinds = "threshold, rate or stuck";

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

        var kind = members.Text("kind", 100) ?? throw members.Missing("kind", Kinds);
        var selector = SelectorOf(members.Object("selector"), measurements);
        RuleCondition condition = kind switch
        {
            "threshold" => ThresholdOf(members),
            "rate" => RateOf(members),
            "stuck" => StuckOf(members),
            _ => throw new FormatException($"\"kind\" must be {Kinds}; got \"{PrintableText.Escape(kind, 100)}\"."),
        };
        var rule = new AlertRule(given, selector, condition)
        {
            Level = LevelOf(members),
            IsEnabled = members.Flag("enabled", true),
            DwellReadings = members.Count("dwell_readings", 1, MaxReadings) ?? (condition.Kind == AlertKind.Threshold ? 1 : 2),
            DwellTime = members.Time("dwell", canBeZero: true) ?? 0,
            CoolDown = members.Time("cool_down", canBeZero: true) ?? DisconnectionRule.DefaultCoolDown,
            Labels = members.Find("labels") is { } labels ? TagsOf("labels", labels) : SensorTags.None,
            Runbook = RunbookOf(members),
            Message = members.Text("message", MaxMessage),
        };
        members.RequireNoOther();
        return rule;
    }

    private static RuleSelector SelectorOf(RuleMembers members, MeasurementSet measurements)
    {
        var declared = string.Join(", ", measurements.All.Select(measurement => measurement.Name));
        var name = members.Text("measurement", int.MaxValue) ?? throw members.Missing("measurement", $"one of {declared}");
        if (measurements.IndexOf(name) < 0)
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

    private static ThresholdCondition ThresholdOf(RuleMembers members)
    {
        var (high, low, hysteresis) = (members.Number("above"), members.Number("below"), members.Number("hysteresis", 0) ?? 0);
        if (high is null && low is null)
        {
            throw new FormatException("\"above\" or \"below\" is missing; give the limit as a number.");
        }

        return !(high - low <= 2 * hysteresis)
            ? new() { High = high ?? double.NaN, Low = low ?? double.NaN, Hysteresis = hysteresis }
            : throw new FormatException(string.Create(
                CultureInfo.InvariantCulture,
                $"\"above\" must exceed \"below\" by more than twice \"hysteresis\", or no alert would clear; "
                + $"got {high}, {low} and {hysteresis}."));
    }

    private static RateCondition RateOf(RuleMembers members)
    {
        var change = members.Number("change", double.Epsilon) ?? throw members.Missing("change", "the change as a number above 0");
        var per = members.Time("per", canBeZero: false) ?? throw members.Missing("per", "the time of the change, such as 1h");
        var hysteresis = members.Number("hysteresis", 0) ?? 0;
        var direction = members.Text("direction", 100) ?? "any";
        if (direction is not ("any" or "rise" or "fall"))
        {
            throw new FormatException($"\"direction\" must be any, rise or fall; got \"{PrintableText.Escape(direction, 100)}\".");
        }

        return hysteresis < change
            ? new()
            {
                Change = change,
                Per = per,
                Hysteresis = hysteresis,
                MinInterval = members.Time("min_interval", canBeZero: true) ?? per / RateCondition.DefaultIntervals,
                Rises = direction != "fall",
                Falls = direction != "rise",
            }
            : throw new FormatException(string.Create(
                CultureInfo.InvariantCulture, $"\"hysteresis\" must be below \"change\", or no alert would clear; got {hysteresis}."));
    }

    private static StuckCondition StuckOf(RuleMembers members) => new()
    {
        For = members.Time("for", canBeZero: false) ?? throw members.Missing("for", "the time without a change, such as 1h"),
        Tolerance = members.Number("tolerance", 0) ?? 0,
        Factor = members.Number("factor", 0) ?? StuckCondition.DefaultFactor,
        WarmUp = members.Time("warm_up", canBeZero: true) ?? StuckCondition.DefaultWarmUp,
    };

    private static AlertLevel LevelOf(RuleMembers members) => members.Text("severity", 100)?.ToUpperInvariant() switch
    {
        null or "WARNING" => AlertLevel.Warning,
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
