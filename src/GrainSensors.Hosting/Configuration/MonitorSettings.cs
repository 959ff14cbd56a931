using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts;

namespace GrainSensors.Hosting.Configuration;

/// <summary><see cref="MonitorOptions"/>, checked.</summary>
/// <param name="Webhook">Null: nobody is told.</param>
internal sealed record MonitorSettings(bool IsEnabled, MonitorRules Rules, TimeSpan Retention, WebhookSettings? Webhook)
{
    /// <exception cref="ArgumentException">With a sentence that names the key and the cure.</exception>
    public static MonitorSettings From(MonitorOptions options, MeasurementSet measurements)
    {
        Require(options.Timeout > TimeSpan.Zero, nameof(options.Timeout), options.Timeout, "give a time above 0");
        Require(options.CoolDown >= TimeSpan.Zero, nameof(options.CoolDown), options.CoolDown, "give a time of at least 0");
        Require(options.StartupGrace >= TimeSpan.Zero, nameof(options.StartupGrace), options.StartupGrace, "give a time of at least 0");
        Require(
            options.Retention >= TimeSpan.FromHours(1) || options.Retention == System.Threading.Timeout.InfiniteTimeSpan,
            nameof(options.Retention), options.Retention, "give at least an hour, or -00:00:00.001 to keep everything");
        var rules = AlertRules.Default(measurements) with
        {
            Silence = new() { Timeout = EpochTime.From(options.Timeout), CoolDown = EpochTime.From(options.CoolDown) },
        };
        if (options.Rules.Count > 0)
        {
            try
            {
                rules = RuleOverrides.Apply(JsonSerializer.Serialize(options.Rules.ToDictionary(rule => rule.Key, RuleOf)), rules, measurements);
            }
            catch (FormatException e)
            {
                throw new ArgumentException($"{PipelineOptions.Section}:Monitor:Rules is not understood. {e.Message}", e);
            }
        }

        return new(options.Enabled, new(rules, options.StartupGrace), options.Retention, WebhookSettings.From(options.Webhook));
    }

    /// <summary><c>Enabled=false</c> stands for no rule: configuration cannot replace a section by a value.</summary>
    private static object RuleOf(KeyValuePair<string, Dictionary<string, string>> rule)
    {
        var parts = rule.Value.Where(part => !part.Key.Equals("enabled", StringComparison.OrdinalIgnoreCase)).ToDictionary();
        var isOff = rule.Value.Any(part => part.Key.Equals("enabled", StringComparison.OrdinalIgnoreCase) && part.Value.Equals("false", StringComparison.OrdinalIgnoreCase));
        return isOff ? false : parts;
    }

    private static void Require(bool condition, string name, object value, string cure)
    {
        if (!condition)
        {
            throw new ArgumentException($"{PipelineOptions.Section}:Monitor:{name} is {value}; {cure}.");
        }
    }
}

/// <summary>Whom to tell of alerts, checked.</summary>
internal sealed record WebhookSettings(Uri Url, string? Authorization, TimeSpan RepeatInterval)
{
    /// <returns>Null: nobody.</returns>
    /// <exception cref="ArgumentException">With a sentence that names the key and the cure.</exception>
    public static WebhookSettings? From(WebhookOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Url))
        {
            return null;
        }

        if (!Uri.TryCreate(options.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            // It may hold a secret, so it is not shown.
            throw new ArgumentException($"{PipelineOptions.Section}:Monitor:Webhook:Url is no address; give one such as http://alertmanager:9093/api/v2/alerts.");
        }

        return options.RepeatInterval < TimeSpan.FromSeconds(1)
            ? throw new ArgumentException($"{PipelineOptions.Section}:Monitor:Webhook:RepeatInterval is {options.RepeatInterval}; give at least a second.")
            : new(url, options.Authorization, options.RepeatInterval);
    }
}
