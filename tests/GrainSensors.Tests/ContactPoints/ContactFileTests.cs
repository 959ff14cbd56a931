using GrainSensors.ContactPoints;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Yaml;

namespace GrainSensors.Tests.ContactPoints;

public sealed class ContactFileTests
{
    [Fact]
    public void A_file_has_a_contact_point_in_each_document_and_secrets_from_the_environment()
    {
        Environment.SetEnvironmentVariable("CONTACT_FILE_TEST", "topsecret");
        var contacts = Parse(
            """
            name: ops
            kind: slack
            settings:
              rate_per_minute: 30
            secrets:
              url: ${CONTACT_FILE_TEST}
            ---
            name: night
            kind: email
            enabled: false
            settings: { host: smtp.example.org, to: "a@example.org, b@example.org", tls: none }
            secrets:
              password:
            """);
        Assert.Equal(
            ["ops slack True", "night email False"], contacts.Select(contact => $"{contact.Name} {contact.Kind} {contact.Enabled}"));
        Assert.Equal(("30", "topsecret"), (contacts[0].Settings!["rate_per_minute"], contacts[0].Secrets!["url"]));
        Assert.Equal(("none", null), (contacts[1].Settings!["tls"], contacts[1].Secrets!["password"]));
    }

    [Theory]
    [InlineData("kind: slack", "each contact point must have a name and a kind.")]
    [InlineData("name: a", "each contact point must have a name and a kind.")]
    [InlineData("", "has no contact points.")]
    [InlineData("name: a\nkind: b\nsecret: topsecret", "line 3: the document is not valid")]
    [InlineData("name: a\nkind: b\nsecrets: topsecret", "line 3: the document is not valid")]
    [InlineData("name: a\nkind: b\nkind: topsecret", "line 3: the document is not valid")]
    [InlineData("name: a\nkind: b\nsecrets: {url: \"${NO_SUCH_VARIABLE}\"}", "environment variable NO_SUCH_VARIABLE, which is not set.")]
    public void A_wrong_file_is_refused_without_showing_secrets(string yaml, string error)
    {
        var refused = Assert.Throws<UsageException>(() => Parse(yaml));
        Assert.Contains(error, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", refused.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<ContactDocument> Parse(string yaml) => ContactFile.Parse(new StringReader(yaml), "ops.yaml");
}
