using System.Net;

namespace GrainSensors.Web.Tests.Access;

/// <summary>People log in once with their key in a browser.</summary>
[Trait("Category", "System")]
public sealed class LogInTests
{
    [Fact]
    public async Task A_person_is_redirected_to_the_log_in_and_back_to_the_requested_page()
    {
        await using var host = await GuardedHost.StartAsync();
        using var sent = await host.SendAsync(HttpMethod.Get, "/page?x=1", headers: LogInForms.Browser);
        Assert.Equal(HttpStatusCode.Redirect, sent.StatusCode);
        Assert.Equal("/login?return=%2Fpage%3Fx%3D1", sent.Headers.Location!.OriginalString);

        using var entered = await LogInForms.EnterAsync(host, GuardedHost.Reader.Key, "/page?x=1");

        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        Assert.Equal("/page?x=1", entered.Headers.Location!.OriginalString);
        var cookie = entered.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("grainsensors_session=", StringComparison.Ordinal));
        Assert.Matches("httponly", cookie);
        Assert.Matches("samesite=strict", cookie);
        using var page = await host.SendAsync(HttpMethod.Get, "/page", headers: ("Cookie", cookie.Split(';')[0]));
        Assert.Equal("hello ann", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var write = await host.SendAsync(HttpMethod.Post, "/page", headers: ("Cookie", cookie.Split(';')[0]));
        Assert.Equal(HttpStatusCode.Forbidden, write.StatusCode);
    }

    [Fact]
    public async Task An_invalid_key_gets_no_cookie_and_is_not_repeated()
    {
        await using var host = await GuardedHost.StartAsync();

        using var refused = await LogInForms.EnterAsync(host, "gsk_not-a-key", "/page");

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.DoesNotContain(LogInForms.Cookies(refused), cookie => cookie.StartsWith("grainsensors_session=", StringComparison.Ordinal));
        var text = await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("Invalid key.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("gsk_not-a-key", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\r\n/evil.example")]
    [InlineData("/.//evil.example")]
    [InlineData("/a/..//evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/\u007f")]
    [InlineData("")]
    public async Task The_log_in_redirects_only_to_pages_of_the_silo(string target)
    {
        await using var host = await GuardedHost.StartAsync();

        using var entered = await LogInForms.EnterAsync(host, GuardedHost.Reader.Key, target);

        Assert.Equal("/", entered.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("/sensors/7?from=caf\u00e9", "/sensors/7?from=caf%C3%A9")]
    [InlineData("/alerts?sensor=7&status=all#top", "/alerts?sensor=7&status=all#top")]
    [InlineData("/a%0ab", "/a%0ab")]
    public async Task The_log_in_redirects_to_any_page_of_the_silo(string target, string location)
    {
        await using var host = await GuardedHost.StartAsync();

        using var entered = await LogInForms.EnterAsync(host, GuardedHost.Reader.Key, target);

        Assert.Equal(location, entered.Headers.Location!.OriginalString, ignoreCase: true);
    }

    public static TheoryData<string, string, HttpStatusCode> BrokenForms() => new()
    {
        { "multipart/form-data; boundary=x", "junk", HttpStatusCode.BadRequest },
        { "multipart/form-data", "junk", HttpStatusCode.BadRequest },
        { "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=key\r\n\r\n", HttpStatusCode.BadRequest },
        { "application/x-www-form-urlencoded", string.Join('&', Enumerable.Repeat("a=1", 1100)), HttpStatusCode.BadRequest },
        { "application/x-www-form-urlencoded", $"{new string('n', 3000)}=1", HttpStatusCode.BadRequest },
        { "application/x-www-form-urlencoded", $"key={new string('k', 9000)}", HttpStatusCode.RequestEntityTooLarge },
        { "application/x-www-form-urlencoded", "key=%00&return=%00", HttpStatusCode.BadRequest },
        { "application/x-www-form-urlencoded; charset=foo", "key=x", HttpStatusCode.OK },
    };

    [Theory]
    [MemberData(nameof(BrokenForms))]
    public async Task A_form_that_is_not_well_formed_is_refused_without_an_internal_error(string type, string body, HttpStatusCode status)
    {
        await using var host = await GuardedHost.StartAsync();
        foreach (var path in new[] { "/login", "/logout" })
        {
            using var content = new StringContent(body);
            content.Headers.Remove("Content-Type");
            content.Headers.TryAddWithoutValidation("Content-Type", type);

            using var answer = await host.SendAsync(HttpMethod.Post, path, content: content);

            Assert.Equal(path == "/login" ? status : HttpStatusCode.Redirect, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_form_of_another_site_is_refused()
    {
        await using var host = await GuardedHost.StartAsync();

        using var form = new FormUrlEncodedContent([new("key", GuardedHost.Admin.Key)]);
        using var refused = await host.SendAsync(HttpMethod.Post, "/login", content: form);

        Assert.Equal(HttpStatusCode.OK, refused.StatusCode);
        Assert.DoesNotContain(LogInForms.Cookies(refused), cookie => cookie.StartsWith("grainsensors_session=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_address_is_encoded_in_the_page()
    {
        await using var host = await GuardedHost.StartAsync();

        using var page = await host.SendAsync(HttpMethod.Get, "/login?return=%22%3E%3Cscript%3Ealert(1)%3C/script%3E");

        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logging_out_deletes_the_cookie_and_one_of_an_earlier_version()
    {
        await using var host = await GuardedHost.StartAsync();

        var cookie = ("Cookie", $"grainsensors_key={GuardedHost.Reader.Key}");
        using var left = await host.SendAsync(HttpMethod.Post, "/logout", headers: cookie);

        Assert.Contains(LogInForms.Cookies(left), cookie => cookie.StartsWith("grainsensors_session=;", StringComparison.Ordinal));
        Assert.Contains(LogInForms.Cookies(left), cookie => cookie.StartsWith("grainsensors_key=;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cookie_that_holds_a_key_is_no_longer_accepted_and_is_deleted()
    {
        await using var host = await GuardedHost.StartAsync();
        (string, string)[] headers = [LogInForms.Browser, ("Cookie", $"grainsensors_key={GuardedHost.Admin.Key}")];

        using var sent = await host.SendAsync(HttpMethod.Get, "/page", headers: headers);
        using var form = await host.SendAsync(HttpMethod.Get, "/login", headers: headers);

        Assert.Equal(HttpStatusCode.Redirect, sent.StatusCode);
        Assert.Contains(LogInForms.Cookies(form), cookie => cookie.StartsWith("grainsensors_key=;", StringComparison.Ordinal));
    }
}
