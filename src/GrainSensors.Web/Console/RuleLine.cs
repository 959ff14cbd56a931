using System.Text.Json;
using System.Text.Json.Nodes;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Storage.Rules;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Web.Console;

/// <summary>A rule as the console lists it.</summary>
/// <param name="Selects">Measurement, sensors and tags.</param>
/// <param name="Problem">Why it is not applied; null: it is, unless it is disabled.</param>
/// <param name="Stored">Null: the rule is built in.</param>
internal sealed record RuleLine(
    string Id, string Kind, string Selects, AlertLevel? Level, bool IsEnabled, string? Problem, StoredRule? Stored)
{
    private const int MaxSensors = 5;

    public static RuleLine Of(StoredRule stored, RuleBook book, MeasurementSet measurements)
    {
        var json = JsonOf(stored);
        if (json is null || book.ProblemOf(stored) is not null)
        {
            var kind = json is { ValueKind: JsonValueKind.Object } known && known.TryGetProperty("kind", out var member)
                ? $"{member}"
                : "unknown";
            return new(stored.Id, kind, "", null, IsEnabled: true, book.ProblemOf(stored), stored);
        }

        var rule = RuleBook.Check(json.Value, measurements, stored.Id);
        return new(stored.Id, rule.Condition.Kind.Name(), SelectedBy(rule.Selector), rule.Level, rule.IsEnabled, null, stored);
    }

    /// <returns>Null: another program wrote a text that is not JSON.</returns>
    public static JsonElement? JsonOf(StoredRule stored)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(stored.Document);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <returns>The rules of the configuration, which sensors may override.</returns>
    public static IEnumerable<RuleLine> BuiltIn(AlertRules rules, MeasurementSet measurements)
    {
        var timeout = DisplayFormat.Duration(EpochTime.ToTimeSpan(rules.Disconnection.Timeout));
        yield return new(
            AlertKind.Disconnected.Name(), AlertKind.Disconnected.Name(), $"all sensors, no reading for {timeout}",
            AlertNames.LevelOf(AlertKind.Disconnected), rules.Disconnection.IsEnabled, null, null);
        foreach (var (measurement, extreme) in measurements.All.Zip(rules.Extremes).Where(pair => pair.Second is not null))
        {
            yield return new(
                AlertKind.Extreme.Name(), AlertKind.Extreme.Name(), $"{DisplayFormat.Title(measurement.Name)}, {LimitsOf(extreme!)}",
                AlertNames.LevelOf(AlertKind.Extreme), IsEnabled: true, null, null);
        }
    }

    /// <returns>The document with the member <c>enabled</c>.</returns>
    public static JsonElement Switched(StoredRule stored, bool isEnabled)
    {
        var document = JsonNode.Parse(stored.Document)!.AsObject();
        document.Remove("enabled");
        if (!isEnabled)
        {
            document.Add("enabled", false);
        }

        return JsonSerializer.SerializeToElement(document);
    }

    private static string SelectedBy(RuleSelector selector)
    {
        var measurement = selector.Measurement.Length > 0 ? DisplayFormat.Title(selector.Measurement) : "All readings";
        var sensors = selector.Sensors.Length == 0 ? "all sensors"
            : $"{(selector.Sensors.Length == 1 ? "sensor" : "sensors")} {string.Join(", ", selector.Sensors.Take(MaxSensors))}"
                + (selector.Sensors.Length > MaxSensors ? $" and {selector.Sensors.Length - MaxSensors} more" : "");
        return selector.Tags.Count == 0 ? $"{measurement} of {sensors}" : $"{measurement} of {sensors} with {selector.Tags}";
    }

    private static string LimitsOf(ExtremeRule rule)
    {
        List<string> parts = [];
        if (double.IsFinite(rule.Low))
        {
            parts.Add($"below {DisplayFormat.Number(rule.Low)}");
        }

        if (double.IsFinite(rule.High))
        {
            parts.Add($"above {DisplayFormat.Number(rule.High)}");
        }

        if (double.IsFinite(rule.MinDeviation))
        {
            parts.Add($"{DisplayFormat.Number(rule.MinDeviation)} from the baseline");
        }

        return parts.Count == 0 ? "no limits" : string.Join(", or ", parts);
    }
}
