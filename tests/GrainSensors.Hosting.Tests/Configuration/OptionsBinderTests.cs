using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Configuration;
using Microsoft.Extensions.Configuration;

namespace GrainSensors.Hosting.Tests.Configuration;

/// <summary>Options of the configuration, and the messages about wrong keys and values.</summary>
public sealed class OptionsBinderTests
{
    [Theory]
    [InlineData("GrainSensors:Perod", "did you mean GrainSensors:Period?")]
    [InlineData("GrainSensors:period2", "did you mean GrainSensors:Period?")]
    [InlineData("GrainSensors:Kafak:Topic", "did you mean GrainSensors:Kafka:Topic?")]
    [InlineData("GrainSensors:Kafka:BootstrapServer", "did you mean GrainSensors:Kafka:BootstrapServers?")]
    [InlineData("GrainSensors:Topic", "did you mean GrainSensors:Kafka:Topic?")]
    [InlineData("GrainSensors:Sensors:MaxNew", "did you mean GrainSensors:SensorNames:MaxNew?")]
    [InlineData("GrainSensors:Sensors:Max", "did you mean GrainSensors:SensorNames:Max?")]
    [InlineData("GrainSensors:Sensors:Registration", "did you mean GrainSensors:SensorNames:Registration?")]
    [InlineData("GrainSensors:Monitor:Webhook:Ulr", "did you mean GrainSensors:Monitor:Webhook:Url?")]
    [InlineData("GrainSensors:Http:Keys:3:Rloe", "did you mean GrainSensors:Http:Keys:3:Role?")]
    [InlineData("GrainSensors:Retention:Days", "docs/configuration.md lists the keys.")]
    [InlineData("GrainSensors:Colour", "docs/configuration.md lists the keys.")]
    public void An_unknown_key_is_named_with_the_nearest_one(string key, string cure) =>
        Assert.EndsWith(cure, Refusal((key, "1")), StringComparison.Ordinal);

    [Fact]
    public void An_unknown_key_is_named_in_full() =>
        Assert.Equal("GrainSensors:Perod is not a known key; did you mean GrainSensors:Period?", Refusal(("GrainSensors:Perod", "15m")));

    [Theory]
    [InlineData("Grace", "abc", "a duration of at least 0 such as 10s or PT10S")]
    [InlineData("Grace", "-00:00:01", "a duration of at least 0 such as 10s or PT10S")]
    [InlineData("Grace", "never", "a duration of at least 0 such as 10s or PT10S")]
    [InlineData("Grace", "10", "a duration of at least 0 such as 10s or PT10S")]
    [InlineData("IdleTimeout", "0s", "a duration above 0 such as 10s or PT10S, or never")]
    [InlineData("Retention", "23h", "a duration of at least 1d such as 10s or PT10S, or never")]
    [InlineData("Silo:ProbeInterval", "0.1s", "a duration of at least 0.5s such as 10s or PT10S")]
    [InlineData("Silo:SiloPort", "65536", "an integer from 0 to 65535 (0: any free port)")]
    [InlineData("Http:Port", "http", "an integer from 0 to 65535 (0: any free port)")]
    [InlineData("Http:Address", "localhost", "an IP address of this machine, or 0.0.0.0 for all")]
    [InlineData("Http:Insecure", "yes", "true or false")]
    [InlineData("Http:RequestsPerSecond", "0", "an integer from 1 to 1000000")]
    [InlineData("Http:Keys:0:Role", "root", "read or admin")]
    [InlineData("Telemetry:TraceRatio", "1.5", "a number from 0 to 1")]
    [InlineData("Telemetry:OtlpProtocol", "http", "grpc or http/protobuf")]
    [InlineData("Telemetry:OtlpEndpoint", "localhost:4317", "an address such as http://localhost:4317")]
    [InlineData("EarliestReading", "yesterday", "a time such as " + EpochTime.Forms)]
    [InlineData("Kafka:Partitions", "many", "an integer")]
    [InlineData("Measurements:1:Max", "hot", "a number")]
    [InlineData("Measurements:0:Missing:1", "none", "a number")]
    public void A_wrong_value_is_named_with_the_expected_form(string key, string value, string expected) =>
        Assert.Equal($"GrainSensors:{key} must be {expected}; got \"{value}\".", Refusal(($"GrainSensors:{key}", value)));

    [Fact]
    public void A_list_of_numbers_takes_no_text() =>
        Assert.Equal(
            "GrainSensors:Measurements:0:Missing is a list, the elements of which are GrainSensors:Measurements:0:Missing:0 and so on; "
            + "got \"-999,85\".",
            Refusal(("GrainSensors:Measurements:0:Missing", "-999,85")));

    [Fact]
    public void A_secret_is_not_shown() =>
        Assert.Equal(
            "GrainSensors:Monitor:Webhook:Url must be an address such as http://alertmanager:9093/api/v2/alerts; "
            + "the given value may be a secret and is not shown.",
            Refusal(("GrainSensors:Monitor:Webhook:Url", "topsecret")));

    [Fact]
    public void Every_fault_is_reported_at_once()
    {
        var refusal = Refusal(("GrainSensors:Perod", "15m"), ("GrainSensors:Grace", "abc"), ("GrainSensors:Http:Port", "-1"));

        Assert.Equal(3, refusal.Split("GrainSensors:").Count(part => part.StartsWith("Perod", StringComparison.Ordinal)
            || part.StartsWith("Grace", StringComparison.Ordinal) || part.StartsWith("Http:Port", StringComparison.Ordinal)));
    }

    [Fact]
    public void Values_that_contradict_each_other_are_named() =>
        Assert.Equal(
            "GrainSensors:MaxCheckpointInterval must be a duration of at least the CheckpointInterval, 00:10:00; got \"00:01:00\".",
            Refusal(("GrainSensors:CheckpointInterval", "10m")));

    [Fact]
    public void A_value_in_place_of_a_section_is_refused() =>
        Assert.Equal(
            "GrainSensors:Kafka is a section and takes no value; got \"localhost:9092\".",
            Refusal(("GrainSensors:Kafka", "localhost:9092")));

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("1.5m", 90)]
    [InlineData("PT1M30S", 90)]
    [InlineData("00:01:30", 90)]
    [InlineData("1.00:00:00", 86_400)]
    [InlineData("never", null)]
    [InlineData("Never", null)]
    [InlineData("-00:00:00.001", null)]
    public void Durations_have_several_forms(string text, int? seconds) =>
        Assert.Equal(
            seconds is { } length ? TimeSpan.FromSeconds(length) : Timeout.InfiniteTimeSpan,
            Load(("GrainSensors:IdleTimeout", text)).Options.IdleTimeout);

    [Fact]
    public void Keys_are_case_insensitive_and_lists_and_maps_are_read()
    {
        var options = Load(
            ("grainsensors:period", "PT1M"),
            ("GrainSensors:Measurements:0:Name", "pressure"),
            ("GrainSensors:Measurements:0:Max", "1100"),
            ("GrainSensors:Measurements:0:Missing:0", "-999"),
            ("GrainSensors:Measurements:0:Missing:1", "6.5535e4"),
            ("GrainSensors:Kafka:Client:ssl.key.location", "key.pem"),
            ("GrainSensors:Monitor:Rules:pressure:High", "1050"),
            ("GrainSensors:Http:Port", ""),
            ("Orleans:ClusterId", "blue"),
            ("Orleans:Clustering:ProviderType", "AdoNet")).Options;

        Assert.Equal(60, options.Period.TotalSeconds);
        var measurement = Assert.Single(options.Measurements);
        Assert.Equal(("pressure", 1100), (measurement.Name, measurement.Max));
        Assert.Equal([-999, 65_535], measurement.Missing);
        Assert.Equal("key.pem", options.Kafka.Client["ssl.key.location"]);
        Assert.Equal("1050", options.Monitor.Rules["pressure"]["High"]);
        Assert.Null(options.Http.Port);
    }

    [Fact]
    public void Nothing_prints_a_secret()
    {
        var settings = PipelineSettings.From(Load(
            ("GrainSensors:Store", "postgres:Host=example;Password=topsecret"),
            ("GrainSensors:Kafka:SecurityProtocol", "sasl_ssl"),
            ("GrainSensors:Kafka:SaslMechanism", "PLAIN"),
            ("GrainSensors:Kafka:SaslUsername", "silo"),
            ("GrainSensors:Kafka:SaslPassword", "topsecret"),
            ("GrainSensors:Telemetry:OtlpHeaders", "key=topsecret"),
            ("GrainSensors:Monitor:Webhook:Url", "http://topsecret@example/"),
            ("GrainSensors:Monitor:Webhook:Authorization", "topsecret")));

        Assert.DoesNotContain("topsecret", settings.ToString(), StringComparison.Ordinal);
    }

    private static PipelineConfiguration Load(params (string Key, string? Value)[] values) => PipelineConfiguration.From(
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Key, value.Value)))
            .Build());

    [Fact]
    public void Duplicates_that_do_not_fit_into_a_row_are_refused_with_the_cure()
    {
        var refusal = Assert.Throws<UsageException>(() => Deduplication(("GrainSensors:Deduplicate", "true")));
        Assert.Contains(
            "Set DeduplicateResolution to 10s or longer, or Period to PT1M30S or shorter.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1_000_000, Deduplication(("GrainSensors:Deduplicate", "true"), ("GrainSensors:Period", "PT1M"))?.Resolution);
        Assert.Null(Deduplication(("GrainSensors:DeduplicateResolution", "7s")));

        static Deduplication? Deduplication(params (string, string?)[] values) => PipelineSettings.From(Load(values)).Deduplication;
    }

    private static string Refusal(params (string Key, string? Value)[] values) => Assert.Throws<UsageException>(() => Load(values)).Message;
}
