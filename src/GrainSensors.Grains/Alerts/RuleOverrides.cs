using System.Globalization;
using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;

namespace GrainSensors.Grains.Alerts;

/// <summary>
/// Rules in words, as in the configuration and in the column <c>overrides</c> of a sensor:
/// <c>{"timeout":"00:03:00","temperature":{"minDeviation":5},"humidity":false}</c>.
/// </summary>
public static class RuleOverrides
{
    private const string RuleMembers =
        "low, high, limitMargin, minDeviation, sigmas, clearFraction, warmUp, memory, driftPerHour, newNormalAfter, dwellReadings, dwellTime, coolDown";

    /// <param name="json">Members that are not given stay as they are.</param>
    /// <exception cref="FormatException">With a sentence that names what is wrong and what would be right.</exception>
    public static AlertRules Apply(string json, AlertRules rules, MeasurementSet measurements)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw new FormatException($"It is no JSON: {e.Message}", e);
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new FormatException("It is no JSON object; write {\"timeout\":\"00:03:00\"}.");
            }

            foreach (var member in document.RootElement.EnumerateObject())
            {
                rules = Apply(member, rules, measurements);
            }
        }

        return rules;
    }

    private static AlertRules Apply(JsonProperty member, AlertRules rules, MeasurementSet measurements)
    {
        switch (Lower(member.Name))
        {
            case "timeout":
                return rules with { Silence = rules.Silence with { Timeout = Positive(member) } };
            case "cooldown":
                return rules with { Silence = rules.Silence with { CoolDown = Time(member) } };
        }

        var index = measurements.IndexOf(member.Name);
        if (index < 0)
        {
            throw new FormatException(
                $"\"{member.Name}\" is neither timeout, coolDown nor a measurement; measurements are {string.Join(", ", measurements.All.Select(m => m.Name))}.");
        }

        if (member.Value.ValueKind == JsonValueKind.False)
        {
            return rules with { Extremes = rules.Extremes.SetItem(index, null) };
        }

        if (member.Value.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"\"{member.Name}\" is {member.Value}; give an object with {RuleMembers}, or false to watch nothing.");
        }

        var rule = rules.Extremes[index] ?? new ExtremeRule { MinDeviation = double.PositiveInfinity };
        foreach (var part in member.Value.EnumerateObject())
        {
            rule = Apply(part, rule);
        }

        if (rule.Low >= rule.High)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"\"{member.Name}\" has the limits {rule.Low} and {rule.High}; give low below high."));
        }

        if (rule.High - rule.Low <= 2 * rule.LimitHysteresis)
        {
            throw new FormatException(string.Create(
                CultureInfo.InvariantCulture,
                $"\"{member.Name}\" has the limits {rule.Low} and {rule.High}, between which nothing is {rule.LimitHysteresis} away from both, so that no alert would clear; give a smaller limitMargin."));
        }

        return rules with { Extremes = rules.Extremes.SetItem(index, rule) };
    }

    private static ExtremeRule Apply(JsonProperty part, ExtremeRule rule) => Lower(part.Name) switch
    {
        "low" => rule with { Low = Number(part) },
        "high" => rule with { High = Number(part) },
        "limitmargin" => rule with { LimitHysteresis = AtLeast(part, 0) },
        "mindeviation" => rule with { MinDeviation = AtLeast(part, 0) },
        "sigmas" => rule with { Sigmas = AtLeast(part, 0) },
        "clearfraction" => Number(part) is > 0 and <= 1 and var share
            ? rule with { ClearFraction = share }
            : throw new FormatException($"\"{part.Name}\" is {part.Value}; give a number above 0 and up to 1."),
        "warmup" => rule with { WarmUp = (int)AtLeast(part, 1) },
        "memory" => rule with { TimeConstant = Positive(part) },
        "driftperhour" => rule with { DriftPerHour = AtLeast(part, 0) },
        "newnormalafter" => rule with { LevelShiftAfter = Positive(part) },
        "dwellreadings" => rule with { DwellReadings = (int)AtLeast(part, 1) },
        "dwelltime" => rule with { DwellTime = Time(part) },
        "cooldown" => rule with { CoolDown = Time(part) },
        _ => throw new FormatException($"\"{part.Name}\" is no part of a rule; those are {RuleMembers}."),
    };

    /// <summary>A number, also as text: configuration knows nothing else.</summary>
    private static double Number(JsonProperty part)
    {
        var isNumber = part.Value.ValueKind == JsonValueKind.Number ? part.Value.TryGetDouble(out var number)
            : double.TryParse(part.Value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        return isNumber && double.IsFinite(number) ? number : throw new FormatException($"\"{part.Name}\" is {part.Value}; give a number.");
    }

    private static double AtLeast(JsonProperty part, double least) => Number(part) is var number && number >= least
        ? number
        : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"\"{part.Name}\" is {part.Value}; give a number of at least {least}."));

    private static long Positive(JsonProperty part) => Time(part) is > 0 and var time
        ? time
        : throw new FormatException($"\"{part.Name}\" is {part.Value}; give a time above 0.");

    private static long Time(JsonProperty part) =>
        TimeSpan.TryParse(part.Value.ToString(), CultureInfo.InvariantCulture, out var time) && time >= TimeSpan.Zero && part.Value.ValueKind == JsonValueKind.String
            ? EpochTime.From(time)
            : throw new FormatException($"\"{part.Name}\" is {part.Value}; give a time such as \"00:03:00\".");

    private static string Lower(string name) => name.ToLowerInvariant();
}
