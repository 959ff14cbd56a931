using System.Globalization;
using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;

namespace GrainSensors.Grains.Alerts;

/// <summary>
/// The parser of alert rules as JSON, as in the configuration and in the column <c>overrides</c> of a sensor:
/// <c>{"timeout":"3m","temperature":{"minDeviation":5},"humidity":false}</c>.
/// </summary>
public static class RuleOverrides
{
    private const string Parts =
        "low, high, limitHysteresis, minDeviation, sigmas, clearFraction, warmUp, timeConstant, driftPerHour, levelShiftAfter, "
        + "dwellReadings, dwellTime, coolDown";

    /// <param name="json">The changed members; other members keep their value.</param>
    /// <exception cref="FormatException">The JSON is invalid; the message names the member and the valid values.</exception>
    public static AlertRules Apply(string json, AlertRules rules, MeasurementSet measurements)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw new FormatException($"The rules are not valid JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.", e);
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new FormatException("The rules must be a JSON object, such as {\"timeout\":\"3m\"}.");
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
                return rules with { Disconnection = rules.Disconnection with { Timeout = Positive(member) } };
            case "disconnected" when member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                return rules with { Disconnection = rules.Disconnection with { IsEnabled = member.Value.GetBoolean() } };
            case "disconnected" when member.Value.ValueKind == JsonValueKind.Object && !member.Value.EnumerateObject().Any():
                return rules with { Disconnection = rules.Disconnection with { IsEnabled = true } }; // as the configuration turns it on
            case "disconnected":
                throw new FormatException($"\"disconnected\" must be false to turn the rule off, or true; got {member.Value}.");
            case "cooldown":
                return rules with { Disconnection = rules.Disconnection with { CoolDown = Time(member) } };
        }

        var index = measurements.IndexOf(member.Name);
        if (index < 0)
        {
            throw new FormatException(
                $"\"{member.Name}\" is unknown; use timeout, coolDown, disconnected or a measurement "
                + $"({string.Join(", ", measurements.All.Select(m => m.Name))}).");
        }

        return member.Value.ValueKind switch
        {
            JsonValueKind.False => rules with { Extremes = rules.Extremes.SetItem(index, null) },
            JsonValueKind.Object => rules with { Extremes = rules.Extremes.SetItem(index, RuleOf(member, rules.Extremes[index])) },
            _ => throw new FormatException(
                $"\"{member.Name}\" must be an object with {Parts}, or false to turn the rule off; got {member.Value}."),
        };
    }

    private static ExtremeRule RuleOf(JsonProperty measurement, ExtremeRule? general)
    {
        var rule = general ?? new ExtremeRule { MinDeviation = double.PositiveInfinity };
        foreach (var part in measurement.Value.EnumerateObject())
        {
            rule = Apply(part, rule);
        }

        var limits = string.Create(CultureInfo.InvariantCulture, $"{rule.Low} and {rule.High}");
        if (rule.Low >= rule.High)
        {
            throw new FormatException($"The low limit of \"{measurement.Name}\" must be below the high limit; got {limits}.");
        }

        if (rule.High - rule.Low <= 2 * rule.LimitHysteresis)
        {
            throw new FormatException(string.Create(
                CultureInfo.InvariantCulture,
                $"The limits of \"{measurement.Name}\" must be more than twice limitHysteresis ({rule.LimitHysteresis}) apart, "
                + $"or no alert would clear; got {limits}. Use a smaller limitHysteresis."));
        }

        return rule;
    }

    /// <remarks>limitMargin, memory and newNormalAfter are the names of 0.1, still accepted in 0.2.</remarks>
    private static ExtremeRule Apply(JsonProperty part, ExtremeRule rule) => Lower(part.Name) switch
    {
        "low" => rule with { Low = Number(part) },
        "high" => rule with { High = Number(part) },
        "limithysteresis" or "limitmargin" => rule with { LimitHysteresis = AtLeast(part, 0) },
        "mindeviation" => rule with { MinDeviation = AtLeast(part, 0) },
        "sigmas" => rule with { Sigmas = AtLeast(part, 0) },
        "clearfraction" => Number(part) is > 0 and <= 1 and var share
            ? rule with { ClearFraction = share }
            : throw Invalid(part, "a number above 0 and at most 1"),
        "warmup" => rule with { WarmUp = (int)AtLeast(part, 1) },
        "timeconstant" or "memory" => rule with { TimeConstant = Positive(part) },
        "driftperhour" => rule with { DriftPerHour = AtLeast(part, 0) },
        "levelshiftafter" or "newnormalafter" => rule with { LevelShiftAfter = Positive(part) },
        "dwellreadings" => rule with { DwellReadings = (int)AtLeast(part, 1) },
        "dwelltime" => rule with { DwellTime = Time(part) },
        "cooldown" => rule with { CoolDown = Time(part) },
        _ => throw new FormatException($"\"{part.Name}\" is not a part of a rule; use {Parts}."),
    };

    /// <summary>Reads a number, also from text: all values of the configuration are text.</summary>
    private static double Number(JsonProperty part)
    {
        var isNumber = part.Value.ValueKind == JsonValueKind.Number ? part.Value.TryGetDouble(out var number)
            : double.TryParse(part.Value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        return isNumber && double.IsFinite(number) ? number : throw Invalid(part, "a number");
    }

    private static double AtLeast(JsonProperty part, double least) => Number(part) is var number && number >= least
        ? number
        : throw Invalid(part, string.Create(CultureInfo.InvariantCulture, $"a number of at least {least}"));

    private static long Positive(JsonProperty part) => Time(part) is > 0 and var time ? time : throw Invalid(part, "a duration above 0");

    private static long Time(JsonProperty part)
    {
        var text = part.Value.ToString();
        var isTime = Durations.TryParse(text, out var time)
            || (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out time) && time >= TimeSpan.Zero);
        return isTime && part.Value.ValueKind == JsonValueKind.String
            ? EpochTime.From(time)
            : throw Invalid(part, $"a duration, such as {Durations.Forms} or 00:03:00");
    }

    private static FormatException Invalid(JsonProperty part, string expected) =>
        new($"\"{part.Name}\" must be {expected}; got \"{part.Value}\".");

    private static string Lower(string name) => name.ToLowerInvariant();
}
