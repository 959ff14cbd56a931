using GrainSensors.Hosting.Configuration;
using Microsoft.Extensions.Configuration;

namespace GrainSensors.Hosting.Tests.Configuration;

/// <summary>The sections Contacts and Notifications.</summary>
public sealed class ContactOptionsTests
{
    [Fact]
    public void A_contact_point_of_the_configuration_has_its_settings_and_secrets()
    {
        var settings = PipelineSettings.From(Load(
            ("Contacts:0:Name", "ops"),
            ("Contacts:0:Kind", "slack"),
            ("Contacts:0:Settings:Rate_Per_Minute", "5"),
            ("Contacts:0:Secrets:Url", "https://hooks.slack.com/services/topsecret"),
            ("Notifications:PublicUrl", "https://sensors.example.org/console/"),
            ("Notifications:SecretKey", Convert.ToBase64String(new byte[32])))).Contacts;

        var point = Assert.Single(settings.Points);
        Assert.Equal(("ops", "slack", true, true), (point.Name, point.Kind, point.IsEnabled, point.IsConfigured));
        Assert.Equal(("5", "https://hooks.slack.com/services/topsecret"), (point.Values.Find("rate_per_minute"), point.Values.Find("url")));
        Assert.Equal(("https://sensors.example.org/console", 12), (settings.Delivery.PublicUrl, settings.Delivery.MaxAttempts));
        Assert.NotNull(settings.Secrets);
        Assert.DoesNotContain("topsecret", $"{settings}{point}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Contacts:0:Kind", "pigeon", "GrainSensors:Contacts:0: kind must be one of email, slack, teams")]
    [InlineData("Contacts:0:Name", "a b", "GrainSensors:Contacts:0:Name must be 1 to 64 letters")]
    [InlineData("Contacts:0:Settings:tls", "maybe", "GrainSensors:Contacts:0: settings.tls must be one of starttls, tls, none")]
    [InlineData("Contacts:0:Settings:port", "0", "GrainSensors:Contacts:0: settings.port must be an integer from 1 to 65535; got \"0\".")]
    [InlineData("Contacts:0:Settings:to", "", "GrainSensors:Contacts:0: settings.to must be addresses, separated by commas")]
    [InlineData("Contacts:0:Settings:password", "topsecret", "GrainSensors:Contacts:0: password is a secret; move it from settings")]
    [InlineData("Contacts:0:Secrets:token", "topsecret", "GrainSensors:Contacts:0: secrets must have the members password only")]
    [InlineData("Notifications:SecretKey", "topsecret", "GrainSensors:Notifications:SecretKey must be 32 bytes in Base64")]
    [InlineData("Notifications:PublicUrl", "ftp://a", "GrainSensors:Notifications:PublicUrl must be an address such as https://")]
    [InlineData("Notifications:MaxAttempts", "0", "GrainSensors:Notifications:MaxAttempts must be")]
    [InlineData("Contacts:1:Name", "ops", "GrainSensors:Contacts has several elements with the Name \"ops\"")]
    public void A_wrong_value_is_named_without_secrets(string key, string value, string error)
    {
        var refused = Assert.Throws<UsageException>(() => Load(
            ("Contacts:0:Name", "ops"),
            ("Contacts:0:Kind", "email"),
            ("Contacts:0:Settings:host", "localhost"),
            ("Contacts:0:Settings:from", "a@example.org"),
            ("Contacts:0:Settings:to", "b@example.org"),
            (key, value)));
        Assert.Contains(error, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", refused.Message, StringComparison.Ordinal);
    }

    /// <param name="values">The last value of a key counts.</param>
    private static PipelineConfiguration Load(params (string Key, string Value)[] values) => PipelineConfiguration.From(
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.GroupBy(value => value.Key)
                .Select(same => KeyValuePair.Create($"GrainSensors:{same.Key}", (string?)same.Last().Value)))
            .Build());
}
