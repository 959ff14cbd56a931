namespace GrainSensors.Mqtt.Configuration;

/// <summary>Checks the MQTT brokers of a configuration.</summary>
/// <param name="section">The path of the section, for messages.</param>
/// <param name="reserved">Topics of Kafka that only the product writes.</param>
public sealed class MqttRules(string section, IReadOnlyCollection<string> reserved)
{
    private const int MaxNameLength = 64;
    private const int MaxSessions = 100;
    private const int MaxReceiveMaximum = 65_535;

    /// <summary>The longest name of a topic in Kafka.</summary>
    private const int MaxTopicLength = 249;

    private static readonly TimeSpan ShortestExpiry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestExpiry = TimeSpan.FromSeconds(uint.MaxValue);

    /// <returns>A sentence for each fault: the key, the rule, the offending value.</returns>
    public IEnumerable<string> Check(MqttOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var brokers = options.Brokers;
        if (options.Port is < 0 or > 65_535)
        {
            yield return $"{section}:Port must be an integer from 0 to 65535; got \"{options.Port}\".";
        }

        for (var i = 0; i < brokers.Count; i++)
        {
            var (broker, key) = (brokers[i], $"{section}:{nameof(options.Brokers)}:{i}");
            var failures = Address(broker).Concat(Identity(broker)).Concat(Session(broker)).Concat(Topics(broker))
                .Concat(Security(broker)).Concat(Alerts(broker, brokers));
            foreach (var failure in failures)
            {
                yield return $"{key}:{failure}.";
            }

            if (Enumerable.Range(0, i).Any(other => brokers[other].Name.Equals(broker.Name, StringComparison.OrdinalIgnoreCase)))
            {
                yield return $"{key}:Name must be another one than those of the other brokers; got \"{broker.Name}\".";
            }

            if (brokers.Take(i).FirstOrDefault(other => ShareSubscriptions(other, broker)) is { } sharing)
            {
                yield return $"{key}:ClientIdPrefix must be another one than that of {sharing.Name}, which would take a part of the "
                    + $"messages; got \"{broker.ClientIdPrefix}\".";
            }
        }
    }

    /// <summary>Whether the sessions of both are members of one group at the same broker.</summary>
    private static bool ShareSubscriptions(MqttBrokerOptions a, MqttBrokerOptions b) =>
        a.IsShared && b.IsShared && a.ClientIdPrefix == b.ClientIdPrefix
        && (a.Host, a.PortNumber) == (b.Host, b.PortNumber);

    private static IEnumerable<string> Address(MqttBrokerOptions broker)
    {
        if (broker.Host.Length == 0 || Uri.CheckHostName(broker.Host) == UriHostNameType.Unknown)
        {
            yield return $"Host must be a host name or an address, without a scheme and a port; got \"{broker.Host}\"";
        }

        if (broker.Port is < 1 or > 65_535)
        {
            yield return $"Port must be an integer from 1 to 65535; got \"{broker.Port}\"";
        }
    }

    private static IEnumerable<string> Identity(MqttBrokerOptions broker)
    {
        foreach (var (key, value) in new[] { ("Name", broker.Name), ("ClientIdPrefix", broker.ClientIdPrefix) })
        {
            if (value.Length is 0 or > MaxNameLength || !value.All(IsNameCharacter))
            {
                yield return $"{key} must be 1 to {MaxNameLength} letters, digits, dots, dashes or underscores; got \"{value}\"";
            }
        }
    }

    private static IEnumerable<string> Session(MqttBrokerOptions broker)
    {
        if (broker.Sessions is < 1 or > MaxSessions)
        {
            yield return $"Sessions must be an integer from 1 to {MaxSessions}; got \"{broker.Sessions}\"";
        }
        else if (broker is { Protocol: MqttProtocol.V311, Sessions: > 1 })
        {
            yield return $"Sessions must be 1 with Protocol 3.1.1, which has no shared subscriptions; got \"{broker.Sessions}\"";
        }

        if (broker.ReceiveMaximum is < 1 or > MaxReceiveMaximum)
        {
            yield return $"ReceiveMaximum must be an integer from 1 to {MaxReceiveMaximum}; got \"{broker.ReceiveMaximum}\"";
        }

        if (broker.SessionExpiry < ShortestExpiry || broker.SessionExpiry > LongestExpiry)
        {
            yield return $"SessionExpiry must be a duration from 1m to {LongestExpiry.TotalSeconds:0}s; "
                + $"got \"{broker.SessionExpiry.TotalSeconds:0.###}s\"";
        }
    }

    private IEnumerable<string> Topics(MqttBrokerOptions broker)
    {
        if (broker.Topics.Count == 0)
        {
            yield return "Topics is empty; give Topics:0:Filter a topic filter such as sensors/+/telemetry";
        }

        for (var i = 0; i < broker.Topics.Count; i++)
        {
            if (TopicFilter.Fault(broker.Topics[i].Filter) is { } fault)
            {
                yield return $"Topics:{i}:Filter {fault}";
            }
            else if (broker.Topics.Take(i).Any(other => other.Filter == broker.Topics[i].Filter))
            {
                yield return $"Topics:{i}:Filter must be another one than those before; got \"{broker.Topics[i].Filter}\"";
            }

            if (broker.Topics[i].Qos is not (0 or 1))
            {
                yield return $"Topics:{i}:Qos must be 1 (at least once) or 0 (at most once); got \"{broker.Topics[i].Qos}\"";
            }
        }

        if (broker.KafkaTopic.Length is 0 or > MaxTopicLength || !broker.KafkaTopic.All(IsNameCharacter)
            || broker.KafkaTopic is "." or "..")
        {
            yield return $"KafkaTopic must be 1 to {MaxTopicLength} letters, digits, dots, dashes or underscores; "
                + $"got \"{broker.KafkaTopic}\"";
        }
        else if (broker.KafkaTopic.StartsWith('_') || reserved.Contains(broker.KafkaTopic))
        {
            yield return $"KafkaTopic must be another topic than those that Kafka or GrainSensors write; got \"{broker.KafkaTopic}\"";
        }
    }

    private static IEnumerable<string> Alerts(MqttBrokerOptions broker, IReadOnlyList<MqttBrokerOptions> all)
    {
        if (broker.Alerts.Topic is not { } topic)
        {
            if (broker.Alerts.HomeAssistant)
            {
                yield return $"Alerts:HomeAssistant requires Alerts:Topic; set it to sensors/{MqttAlertOptions.Sensor}/alert, for example";
            }

            yield break;
        }

        if (TopicFilter.FaultOfName(topic) is { } fault)
        {
            yield return $"Alerts:Topic {fault}";
        }
        else if (!topic.Split('/').Contains(MqttAlertOptions.Sensor) || topic.Split(MqttAlertOptions.Sensor).Length != 2)
        {
            yield return $"Alerts:Topic must have {MqttAlertOptions.Sensor} as one whole level; got \"{topic}\"";
        }
        else if (TakenBy(topic.Replace(MqttAlertOptions.Sensor, "+", StringComparison.Ordinal)) is { } filter)
        {
            yield return $"Alerts:Topic must be one that no filter takes, or alerts would be read as readings; got \"{topic}\", which "
                + $"\"{filter}\" takes";
        }

        if (TopicFilter.FaultOfName(broker.Alerts.HomeAssistantPrefix) is { } wrong)
        {
            yield return $"Alerts:HomeAssistantPrefix {wrong}";
        }
        else if (broker.Alerts.HomeAssistant && TakenBy($"{broker.Alerts.HomeAssistantPrefix}/#") is { } filter)
        {
            yield return $"Alerts:HomeAssistantPrefix must be one that no filter takes; got \"{broker.Alerts.HomeAssistantPrefix}\", which "
                + $"\"{filter}\" takes";
        }

        string? TakenBy(string topics) => all.Where(other => (other.Host, other.PortNumber) == (broker.Host, broker.PortNumber))
            .SelectMany(other => other.Topics).FirstOrDefault(other => TopicFilter.Overlap(other.Filter, topics))?.Filter;
    }

    private static IEnumerable<string> Security(MqttBrokerOptions broker)
    {
        if (broker is { Password: not null, User: null })
        {
            yield return "Password requires User";
        }

        if (broker is { KeyFile: not null, CertificateFile: null })
        {
            yield return "KeyFile requires CertificateFile";
        }

        foreach (var (key, file) in new[]
        {
            (nameof(broker.CaFile), broker.CaFile),
            (nameof(broker.CertificateFile), broker.CertificateFile),
            (nameof(broker.KeyFile), broker.KeyFile),
        })
        {
            if (file is not null && !broker.Tls)
            {
                yield return $"{key} requires Tls; set Tls to true, or remove {key}";
            }
            else if (file is not null && !File.Exists(file))
            {
                yield return $"{key}: the file \"{Path.GetFullPath(file)}\" does not exist";
            }
        }
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';
}
