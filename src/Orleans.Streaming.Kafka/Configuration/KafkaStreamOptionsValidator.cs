using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Streaming.Kafka;

namespace Orleans.Configuration;

/// <summary>Refuses options that cannot work before any client is made of them, in a sentence that names the key and the cure.</summary>
public sealed partial class KafkaStreamOptionsValidator : IConfigurationValidator
{
    private static readonly string[] Protocols = ["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"];
    private static readonly string[] Mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "GSSAPI"];
    private static readonly string[] BuiltIn = [JsonMessageFormat.Name, BytesMessageFormat.Name];

    private readonly KafkaStreamOptions _options;
    private readonly string _name;
    private readonly Func<string, bool> _hasFormat;

    /// <param name="name">Of the stream provider.</param>
    /// <param name="hasFormat">Whether a format of that name was added.</param>
    public KafkaStreamOptionsValidator(KafkaStreamOptions options, string name, Func<string, bool> hasFormat) =>
        (_options, _name, _hasFormat) = (options, name, hasFormat);

    /// <inheritdoc/>
    /// <exception cref="OrleansConfigurationException">The options cannot work.</exception>
    public void ValidateConfiguration()
    {
        Require(!string.IsNullOrWhiteSpace(_options.BootstrapServers), nameof(_options.BootstrapServers), "empty", "give host:port");
        Require(_options.BatchSize >= 1, nameof(_options.BatchSize), _options.BatchSize, "give a number of at least 1");
        Require(_options.MaxMessagesPerDelivery >= 1, nameof(_options.MaxMessagesPerDelivery), _options.MaxMessagesPerDelivery, "give a number of at least 1");
        Require(_options.CacheBytes >= 64 * 1024, nameof(_options.CacheBytes), _options.CacheBytes, "give at least 65536");
        Require(_options.CacheAge >= TimeSpan.Zero, nameof(_options.CacheAge), _options.CacheAge, "give a time of at least 0");
        Require(_options.MaxMessageBytes >= 1024, nameof(_options.MaxMessageBytes), _options.MaxMessageBytes, "give at least 1024");
        RequireBetween(nameof(_options.PollTimeout), _options.PollTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        RequireBetween(nameof(_options.CheckpointInterval), _options.CheckpointInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        RequireBetween(nameof(_options.StartTimeout), _options.StartTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        RequireBetween(nameof(_options.SendTimeout), _options.SendTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        RequireBetween(nameof(_options.Linger), _options.Linger, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Require(Enum.IsDefined(_options.FailurePolicy), nameof(_options.FailurePolicy), _options.FailurePolicy, "use DeadLetter or StopPartition");
        Require(Enum.IsDefined(_options.StartPosition), nameof(_options.StartPosition), _options.StartPosition, "use Latest or Earliest");
        Require(_options.ConsumerGroup is not "", nameof(_options.ConsumerGroup), "empty", "give the name of a group, or none");
        ValidateTopics();
        ValidateSecurity();
    }

    internal static IConfigurationValidator Create(IServiceProvider services, string name) => new KafkaStreamOptionsValidator(
        services.GetRequiredService<IOptionsMonitor<KafkaStreamOptions>>().Get(name),
        name,
        format => services.GetKeyedService<IKafkaMessageFormat>(format) is not null);

    private void ValidateTopics()
    {
        var names = new HashSet<string>();
        var namespaces = new HashSet<string>();
        for (var i = 0; i < _options.Topics.Count; i++)
        {
            var topic = _options.Topics[i];
            var at = $"{nameof(_options.Topics)}:{i}";
            RequireTopicName($"{at}:{nameof(topic.Name)}", topic.Name);
            Require(names.Add(topic.Name), $"{at}:{nameof(topic.Name)}", $"\"{topic.Name}\"", "name each topic once");
            Require(
                namespaces.Add(topic.Namespace ?? ""), $"{at}:{nameof(topic.Namespace)}",
                topic.Namespace is null ? "not given" : $"\"{topic.Namespace}\"", "give another namespace than that of the topic before");
            Require(topic.Partitions >= 1, $"{at}:{nameof(topic.Partitions)}", topic.Partitions, "give a number of at least 1");
            Require(
                topic.ReplicationFactor is -1 or (>= 1 and <= short.MaxValue),
                $"{at}:{nameof(topic.ReplicationFactor)}", topic.ReplicationFactor, "give a number of at least 1, or -1 for the broker's default");
            Require(
                topic.Retention is not { } retention || retention > TimeSpan.Zero || retention == Timeout.InfiniteTimeSpan,
                $"{at}:{nameof(topic.Retention)}", topic.Retention, "give a time above 0, or -00:00:00.001 to keep everything");
            Require(
                topic.Format is null || BuiltIn.Contains(topic.Format) || _hasFormat(topic.Format),
                $"{at}:{nameof(topic.Format)}", $"\"{topic.Format}\"", "use json, bytes, none, or a format that was added with AddFormat");
            Require(Enum.IsDefined(topic.StreamPer), $"{at}:{nameof(topic.StreamPer)}", topic.StreamPer, "use Key or Partition");
        }

        if (_options.DeadLetterTopic is { } deadLetters)
        {
            RequireTopicName(nameof(_options.DeadLetterTopic), deadLetters);
            Require(!names.Contains(deadLetters), nameof(_options.DeadLetterTopic), $"\"{deadLetters}\"", "give another topic than those of streams");
        }
    }

    private void ValidateSecurity()
    {
        Require(
            _options.SecurityProtocol is null || Protocols.Contains(_options.SecurityProtocol, StringComparer.OrdinalIgnoreCase),
            nameof(_options.SecurityProtocol), _options.SecurityProtocol, "use plaintext, ssl, sasl_plaintext or sasl_ssl");
        Require(
            _options.SaslMechanism is null || Mechanisms.Contains(_options.SaslMechanism, StringComparer.OrdinalIgnoreCase),
            nameof(_options.SaslMechanism), _options.SaslMechanism, "use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI");
        var isSasl = _options.SecurityProtocol?.StartsWith("sasl_", StringComparison.OrdinalIgnoreCase) ?? false;

        // Without a word the client would connect as nobody. ConfigureClient and Client may do it in their own way.
        Require(
            isSasl || _options.SaslMechanism is null || _options.Client.ContainsKey("security.protocol"),
            nameof(_options.SecurityProtocol), _options.SecurityProtocol ?? "not given", $"use sasl_ssl or sasl_plaintext, or give no {nameof(_options.SaslMechanism)}");
    }

    private void RequireTopicName(string key, string topic) => Require(
        TopicName().IsMatch(topic) && topic is not ("." or ".."), key, $"\"{topic}\"",
        "give a name of at most 249 letters, digits, dots, underscores and hyphens");

    private void RequireBetween(string key, TimeSpan value, TimeSpan least, TimeSpan most) =>
        Require(value >= least && value <= most, key, value, $"give a time from {least} to {most}");

    private void Require(bool condition, string key, object? value, string cure)
    {
        if (!condition)
        {
            throw new OrleansConfigurationException($"{key} of the Kafka stream provider \"{_name}\" is {value}; {cure}.");
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,249}\z")]
    private static partial Regex TopicName();
}
