namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>A Kafka that takes TLS and SASL/SCRAM only: topics, producer, consumer group and windows.</summary>
[Trait("Category", "System")]
public sealed class KafkaSecurityTests : IDisposable
{
    private const string User = "silo";
    private readonly string _password = $"{Guid.NewGuid():N}";
    private readonly TemporaryDirectory _folder = new();
    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _other = new();

    [Fact]
    public async Task A_recording_passes_through_and_what_is_wrong_is_one_sentence_without_the_password()
    {
        var (certificate, key) = _authority.IssueFiles("localhost");
        var keys = _folder.File("keys.pem");
        var parts = new[] { await File.ReadAllTextAsync(key, Stop), await File.ReadAllTextAsync(certificate, Stop) };
        await File.WriteAllTextAsync(keys, string.Join('\n', parts), Stop);
        await using var kafka = await RealKafka.StartOwnAsync(new(User, _password, keys));
        await File.WriteAllLinesAsync(
            _folder.File("recording.csv"), ["sensor_id,timestamp,temperature", "7,1700000000,20", "7,1700000001,21"], Stop);

        var right = await ReplayAsync(kafka, _authority.CaFile, _password);
        Assert.True(right.ExitCode == 0, right.ToString());
        Assert.Contains("2 readings of 1 sensor, 0 rejected", right.Output, StringComparison.Ordinal);
        Assert.Contains("1 window in ", right.Output, StringComparison.Ordinal);

        foreach (var (ca, password) in new[] { (_authority.CaFile, "wrong-" + _password), (_other.CaFile, _password) })
        {
            var refused = await ReplayAsync(kafka, ca, password);
            var text = refused.ToString();
            Assert.True(refused is { ExitCode: 2, Output: "" }, text);
            Assert.Contains($"Kafka at \"{kafka.SecureServers}\" cannot be used: ", text, StringComparison.Ordinal);
            Assert.Contains(
                " and SecurityProtocol, CaLocation, SaslUsername and SaslPassword in GrainSensors:Kafka.", text, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
            Assert.DoesNotContain(_password, text, StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
        _folder.Dispose();
        _authority.Dispose();
        _other.Dispose();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private async Task<Executable.Result> ReplayAsync(KafkaProcess kafka, string ca, string password)
    {
        var environment = new Dictionary<string, string>
        {
            ["GrainSensors__Kafka__SecurityProtocol"] = "sasl_ssl",
            ["GrainSensors__Kafka__SaslMechanism"] = "SCRAM-SHA-256",
            ["GrainSensors__Kafka__SaslUsername"] = User,
            ["GrainSensors__Kafka__SaslPassword"] = password,
            ["GrainSensors__Kafka__CaLocation"] = ca,
        };
        await using var replay = Executable.StartWith(
            environment, "replay", _folder.File("recording.csv"), "--kafka", kafka.SecureServers, "--yes");
        return await replay.ExitAsync();
    }
}
