namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>What is wrong with the Kafka of appsettings.json is one sentence, which shows no secret.</summary>
[Trait("Category", "System")]
public sealed class KafkaSettingsTests
{
    [Theory]
    [InlineData("GrainSensors:Kafka:SecurityProtocol must be plaintext, ssl,", """ "SecurityProtocol": "tls" """)]
    [InlineData("GrainSensors:Kafka:SaslUsername is required if SaslMechanism is PLAIN",
        """ "SecurityProtocol": "sasl_ssl", "SaslMechanism": "PLAIN", "SaslPassword": "topsecret" """)]
    [InlineData("GrainSensors:Kafka:CaLocation must be a readable PEM file or directory with CA certificates; got \"missing.pem\"",
        """ "SecurityProtocol": "ssl", "CaLocation": "missing.pem" """)]
    [InlineData("sasl.pasword", """ "Client": { "sasl.pasword": "topsecret" } """)]
    [InlineData("request.required.acks", """ "Client": { "acks": "sometimes" } """)]
    [InlineData("\"127.0.0.1:1\" cannot be used",
        """ "SecurityProtocol": "sasl_plaintext", "SaslMechanism": "PLAIN", "SaslUsername": "silo", "SaslPassword": "topsecret" """)]
    public async Task It_says_what_to_change(string offender, string kafka)
    {
        using var directory = new TemporaryDirectory();
        var settings = $$"""{ "GrainSensors": { "Kafka": { {{kafka}} } } }""";
        await File.WriteAllTextAsync(directory.File("appsettings.json"), settings, TestContext.Current.CancellationToken);

        await using var executable = Executable.Start(directory.Path, "produce", "--kafka", "127.0.0.1:1", "--for", "1s");
        var result = await executable.ExitAsync();

        result.AssertCouldNotRun(offender);
        Assert.DoesNotContain("topsecret", result.Error, StringComparison.Ordinal);
    }
}
