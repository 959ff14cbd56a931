using System.Globalization;
using GrainSensors.Core.Expressions;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;

namespace GrainSensors.Core.Alerts.Rules;

/// <summary>The parsers of the members that depend on the kind of a rule.</summary>
internal static class RuleConditions
{
    /// <summary>The kinds of rules as data.</summary>
    private static readonly (AlertKind Kind, Func<RuleMembers, MeasurementSet, RuleCondition> Parse)[] Kinds =
    [
        (AlertKind.Threshold, (members, _) => ThresholdOf(members)),
        (AlertKind.Rate, (members, _) => RateOf(members)),
        (AlertKind.Stuck, (members, _) => StuckOf(members)),
        (AlertKind.Expression, ExpressionOf),
        (AlertKind.Disconnected, (members, _) => DisconnectedOf(members)),
        (AlertKind.Missing, (members, _) => MissingOf(members)),
        (AlertKind.Window, (members, _) => WindowOf(members)),
        (AlertKind.Group, (members, _) => GroupMembers.GroupOf(members)),
        (AlertKind.Compare, (members, _) => GroupMembers.CompareOf(members, ThresholdOf(members))),
    ];

    private static readonly string Listed = AlertNames.Listed(Kinds.Select(known => known.Kind));

    public static AlertKind KindOf(RuleMembers members)
    {
        var word = members.Text("kind", 100) ?? throw members.Missing("kind", Listed);
        return AlertNames.FindKind(word) is { } kind && Array.Exists(Kinds, known => known.Kind == kind)
            ? kind
            : throw new FormatException($"\"kind\" must be {Listed}; got \"{PrintableText.Escape(word, 100)}\".");
    }

    /// <returns>Whether a rule of the kind may be about all measurements.</returns>
    public static bool CanBeWithoutMeasurement(AlertKind kind) =>
        kind is AlertKind.Expression or AlertKind.Disconnected or AlertKind.Missing or AlertKind.Group;

    public static RuleCondition Parse(AlertKind kind, RuleMembers members, MeasurementSet measurements) =>
        Array.Find(Kinds, known => known.Kind == kind).Parse(members, measurements);

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

    private static ExpressionCondition ExpressionOf(RuleMembers members, MeasurementSet measurements) => new(
        MeasurementExpression.Parse(
            members.Text("expression", int.MaxValue) ?? throw members.Missing("expression", "a condition, such as temperature > 30"),
            measurements))
    {
        MaxAge = members.Time("max_age", canBeZero: true) ?? ExpressionCondition.DefaultMaxAge,
    };

    private static DisconnectedCondition DisconnectedOf(RuleMembers members)
    {
        var timeout = members.Time("timeout", canBeZero: false);
        if (!members.Flag("learnt", false))
        {
            return new() { Timeout = timeout ?? throw members.Missing("timeout", "a duration, such as 10m, or \"learnt\": true") };
        }

        return timeout is null
            ? new()
            {
                Minimum = members.Time("minimum", canBeZero: false) ?? DisconnectedCondition.DefaultMinimum,
                Factor = members.Number("factor", 1) ?? DisconnectedCondition.DefaultFactor,
            }
            : throw new FormatException("\"timeout\" and \"learnt\" exclude each other; use \"minimum\" for the least learnt timeout.");
    }

    private static WindowCondition WindowOf(RuleMembers members)
    {
        var per = PerOf(members);
        var name = members.Text("statistic", 100) ?? throw members.Missing("statistic", WindowStatistic.Forms);
        return new()
        {
            Per = per,
            Statistic = WindowStatistic.Find(name) ?? throw new FormatException(
                $"\"statistic\" must be {WindowStatistic.Forms}; got \"{PrintableText.Escape(name, 100)}\"."),
            Limits = ThresholdOf(members),
        };
    }

    private static MissingCondition MissingOf(RuleMembers members)
    {
        var per = PerOf(members);
        var (least, share) = members.Least("of the usual number", MissingCondition.DefaultShare);
        return new() { Per = per, Least = least, Share = share };
    }

    /// <returns>The size of windows.</returns>
    private static long PerOf(RuleMembers members) =>
        members.Time("per", canBeZero: false) ?? throw members.Missing("per", "the size of a window, such as 15m");
}
