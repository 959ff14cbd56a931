using GrainSensors.Contacts.Points;

namespace GrainSensors.Contacts.Tests.Points;

public sealed class SecretBoxTests
{
    private static readonly string Key = Convert.ToBase64String([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    private static readonly Dictionary<string, string> Secrets = new() { ["password"] = "topsecret", ["url"] = "https://ü" };

    [Fact]
    public void Secrets_are_opened_by_the_key_that_encrypted_them()
    {
        var text = new SecretBox(Key).Protect("ops", Secrets);
        Assert.DoesNotContain("topsecret", text, StringComparison.Ordinal);
        Assert.Equal(Secrets, new SecretBox(Key).Open("ops", text));
        Assert.NotEqual(text, new SecretBox(Key).Protect("ops", Secrets));
    }

    [Fact]
    public void Another_key_another_contact_point_or_damage_opens_nothing()
    {
        var box = new SecretBox(Key);
        var text = box.Protect("ops", Secrets);
        Assert.Null(new SecretBox(Convert.ToBase64String(new byte[32])).Open("ops", text));
        Assert.Null(box.Open("other", text));
        Assert.Null(box.Open("ops", $"{text[..^6]}AAAA=="));
        Assert.Null(box.Open("ops", text[..20]));
        Assert.Null(box.Open("ops", $"{text.Split('.')[0]}.{text.Split('.')[1]}.AAAA"));
        Assert.Null(box.Open("ops", ""));
    }

    [Theory]
    [InlineData("topsecret")]
    [InlineData("dG9wc2VjcmV0")]
    [InlineData("")]
    public void A_key_of_another_form_is_refused_without_being_shown(string key)
    {
        var failure = Assert.Throws<FormatException>(() => new SecretBox(key));
        Assert.DoesNotContain("topsecret", failure.Message, StringComparison.Ordinal);
        Assert.Contains("openssl rand -base64 32", failure.Message, StringComparison.Ordinal);
    }
}
