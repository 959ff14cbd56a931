using System.Collections.Immutable;
using System.Text.Json;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
using GrainSensors.Core.Text;

namespace GrainSensors.Core.Alerts.Rules;

/// <summary>The parser of the members of a rule about several sensors.</summary>
internal static class GroupMembers
{
    private const int MaxOf = 100;
    private const int MaxBy = 4;

    public static GroupCondition GroupOf(RuleMembers members)
    {
        var (least, share) = members.Least("of the group", GroupCondition.DefaultShare);
        return new()
        {
            Of = Texts(members, "of", "rules", MaxOf, IsRule) ?? [AlertKind.Disconnected.Name()],
            By = ByOf(members),
            Least = least is { } count ? (int)Math.Min(count, int.MaxValue) : null,
            Share = share,
            Wait = members.Time("wait", canBeZero: true) ?? GroupCondition.DefaultWait,
        };
    }

    /// <param name="limits">Of the difference.</param>
    public static CompareCondition CompareOf(RuleMembers members, ThresholdCondition limits)
    {
        var reference = members.Find("reference");
        var condition = new CompareCondition
        {
            Reference = reference is not { } given ? null
                : SensorRef.Read(given) ?? throw members.Invalid("reference", "the id or the name of a sensor", given),
            By = ByOf(members),
            Limits = limits,
        };
        return condition.Reference is null || condition.By.IsEmpty ? condition : throw new FormatException(
            "\"by\" and \"reference\" exclude each other: the median of a group is compared with, or one sensor.");
    }

    private static ImmutableArray<string> ByOf(RuleMembers members) => Texts(members, "by", "tags, city or station", MaxBy, IsTag) ?? [];

    /// <exception cref="FormatException">The rule counts its own alerts, or is about a measurement.</exception>
    public static void Check(GroupCondition condition, string id, RuleSelector selector)
    {
        if (condition.Of.Contains(id))
        {
            throw new FormatException($"\"of\" must name other rules; got \"{id}\" itself.");
        }

        if (selector.Measurement.Length > 0)
        {
            throw new FormatException(
                "\"selector.measurement\" does not go with group, which counts alerts of rules; name the rules in \"of\".");
        }
    }

    private static bool IsRule(string id) => AlertRule.IsId(id) || AlertRule.IsBuiltIn(id);

    private static bool IsTag(string name)
    {
        try
        {
            return SensorTags.Of([new(name, "value")]).ContainsKey(name);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static ImmutableArray<string>? Texts(RuleMembers members, string name, string what, int most, Predicate<string> isValid)
    {
        if (members.Find(name) is not { } list)
        {
            return null;
        }

        var expected = $"a list of 1 to {most} {what}";
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() < 1 || list.GetArrayLength() > most)
        {
            throw members.Invalid(name, expected, list);
        }

        var texts = list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String && isValid(item.GetString()!)
            ? NormalForm.Of(item.GetString()!)
            : throw members.Invalid(name, expected, item));
        return [.. texts.Distinct(StringComparer.Ordinal)];
    }
}
