using System.Text.RegularExpressions;

namespace GrainSensors.Ingest.Kafka;

/// <summary>What may be given as <see cref="KafkaOptions"/>, before any client is made of them.</summary>
/// <remarks>The properties of <see cref="KafkaOptions.Client"/> win, so what they replace is judged by them; what they say is librdkafka's to judge.</remarks>
public static partial class KafkaOptionsValidator
{
    private static readonly string[] Protocols = ["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"];
    private static readonly string[] Mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "GSSAPI"];

    /// <exception cref="ArgumentException">With a sentence that names the key and the cure, and shows no secret.</exception>
    public static void Validate(KafkaOptions options)
    {
        ValidateTopics(options);
        Require(
            options.SessionTimeout >= TimeSpan.FromSeconds(1) && options.SessionTimeout <= TimeSpan.FromHours(1),
            nameof(options.SessionTimeout), options.SessionTimeout, "give a time from 1 second to 1 hour");
        Require(options.GroupId.Length > 0, nameof(options.GroupId), "empty", "give the name of a consumer group");
        ValidateSecurity(options);
    }

    private static void ValidateTopics(KafkaOptions options)
    {
        var topics = new Dictionary<string, string>();
        foreach (var (key, topic) in new[]
        {
            (nameof(options.Topic), options.Topic),
            (nameof(options.DeadLetterTopic), options.DeadLetterTopic),
            (nameof(options.LogTopic), options.LogTopic),
            (nameof(options.WindowTopic), options.WindowTopic),
        })
        {
            if (key == nameof(options.WindowTopic) && topic.Length == 0)
            {
                continue;
            }

            Require(
                TopicName().IsMatch(topic) && topic is not ("." or ".."), key, $"\"{topic}\"",
                "give a name of at most 249 letters, digits, dots, underscores and hyphens");
            Require(topics.TryAdd(topic, key), key, $"\"{topic}\"", $"give another topic than that of {topics[topic]}");
        }

        Require(options.Partitions >= 1, nameof(options.Partitions), options.Partitions, "give a number of at least 1");
        Require(
            options.ReplicationFactor is -1 or (>= 1 and <= short.MaxValue),
            nameof(options.ReplicationFactor), options.ReplicationFactor, "give a number of at least 1, or -1 for the broker's default");
        Require(
            options.TopicRetention is not { } retention || retention > TimeSpan.Zero || retention == Timeout.InfiniteTimeSpan,
            nameof(options.TopicRetention), options.TopicRetention, "give a time above 0, or -00:00:00.001 to keep everything");
    }

    private static void ValidateSecurity(KafkaOptions options)
    {
        Require(
            options.SecurityProtocol is null || Protocols.Contains(options.SecurityProtocol, StringComparer.OrdinalIgnoreCase),
            nameof(options.SecurityProtocol), options.SecurityProtocol, "use plaintext, ssl, sasl_plaintext or sasl_ssl");
        Require(
            options.SaslMechanism is null || Mechanisms.Contains(options.SaslMechanism, StringComparer.OrdinalIgnoreCase),
            nameof(options.SaslMechanism), options.SaslMechanism, "use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI");

        var protocol = Effective(options, "security.protocol") ?? options.SecurityProtocol ?? "plaintext";
        if (protocol.StartsWith("sasl_", StringComparison.OrdinalIgnoreCase))
        {
            ValidateSasl(options, protocol);
        }
        else
        {
            // Without a word the client would connect as nobody.
            var unused = options.SaslMechanism is not null ? nameof(options.SaslMechanism)
                : options.SaslUsername is not null ? nameof(options.SaslUsername)
                : options.SaslPassword is not null ? nameof(options.SaslPassword)
                : null;
            Require(unused is null, nameof(options.SecurityProtocol), protocol, $"use sasl_ssl or sasl_plaintext, or give no {unused}");
        }

        if (options.CaLocation is { } location)
        {
            Require(
                protocol.EndsWith("ssl", StringComparison.OrdinalIgnoreCase),
                nameof(options.SecurityProtocol), protocol, $"use ssl or sasl_ssl, or give no {nameof(options.CaLocation)}");
            var why = WhyUnreadable(location);
            Require(
                why is null, nameof(options.CaLocation),
                $"\"{location}\", which cannot be read ({why})", "give the path of a PEM file with the certificates of your authority");
        }
    }

    private static void ValidateSasl(KafkaOptions options, string protocol)
    {
        var mechanism = Effective(options, "sasl.mechanism") ?? Effective(options, "sasl.mechanisms") ?? options.SaslMechanism;
        Require(
            mechanism is not null, nameof(options.SecurityProtocol), protocol,
            $"give a {nameof(options.SaslMechanism)} too: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI");
        if (!mechanism!.StartsWith("SCRAM-", StringComparison.OrdinalIgnoreCase) && !mechanism.Equals("PLAIN", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        Require(
            !string.IsNullOrEmpty(Effective(options, "sasl.username") ?? options.SaslUsername),
            nameof(options.SaslMechanism), mechanism, $"give a {nameof(options.SaslUsername)} too");
        Require(
            !string.IsNullOrEmpty(Effective(options, "sasl.password") ?? options.SaslPassword),
            nameof(options.SaslMechanism), mechanism, $"give a {nameof(options.SaslPassword)} too");
    }

    private static string? Effective(KafkaOptions options, string property) => options.Client.GetValueOrDefault(property);

    /// <returns>Null: it can be read.</returns>
    private static string? WhyUnreadable(string path)
    {
        try
        {
            if (!Directory.Exists(path))
            {
                using var file = File.OpenRead(path);
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message.TrimEnd('.');
        }
    }

    private static void Require(bool condition, string key, object? value, string cure)
    {
        if (!condition)
        {
            throw new ArgumentException($"{KafkaOptions.Section}:{key} is {value}; {cure}.");
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,249}\z")]
    private static partial Regex TopicName();
}
