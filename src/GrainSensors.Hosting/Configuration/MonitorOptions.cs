using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts;
using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:Monitor</c>: alerts and their receiver.</summary>
internal sealed record MonitorOptions
{
    public const string Section = $"{ConfigurationSections.Root}:Monitor";

    /// <summary>Watch sensors.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>A sensor without readings for longer is disconnected.</summary>
    [Duration]
    public TimeSpan Timeout { get; init; } = EpochTime.ToTimeSpan(DisconnectionRule.DefaultTimeout);

    /// <summary>An alert that returns within this time after it cleared is reopened.</summary>
    [Duration("0s")]
    public TimeSpan CoolDown { get; init; } = EpochTime.ToTimeSpan(DisconnectionRule.DefaultCoolDown);

    /// <summary>How long a registered sensor may take to report for the first time.</summary>
    [Duration("0s")]
    public TimeSpan StartupGrace { get; init; } = MonitorRules.DefaultStartupGrace;

    /// <summary>Age at which cleared alerts are deleted.</summary>
    [Duration("1h", never: true)]
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Changed parts of the rules, by measurement.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Rules { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>Receiver of alerts.</summary>
    public WebhookOptions Webhook { get; init; } = new();

    /// <exception cref="ArgumentException">A rule is wrong; the message names its key and the cure.</exception>
    public MonitorRules RulesFor(MeasurementSet measurements)
    {
        var rules = AlertRules.Default(measurements) with
        {
            Disconnection = new() { Timeout = EpochTime.From(Timeout), CoolDown = EpochTime.From(CoolDown) },
        };
        try
        {
            var overrides = JsonSerializer.Serialize(Rules.ToDictionary(rule => rule.Key, RuleOf));
            return new(RuleOverrides.Apply(overrides, rules, measurements), StartupGrace);
        }
        catch (FormatException e)
        {
            throw new ArgumentException($"{Section}:Rules: {e.Message}", e);
        }
    }

    /// <summary><c>Enabled=false</c> stands for no rule: configuration cannot replace a section by a value.</summary>
    private static object RuleOf(KeyValuePair<string, IReadOnlyDictionary<string, string>> rule)
    {
        static bool IsSwitch(string part) => part.Equals("enabled", StringComparison.OrdinalIgnoreCase);
        var isOff = rule.Value.Any(part => IsSwitch(part.Key) && part.Value.Equals("false", StringComparison.OrdinalIgnoreCase));
        return isOff ? false : rule.Value.Where(part => !IsSwitch(part.Key)).ToDictionary();
    }
}
