using System.Net;
using System.Text.RegularExpressions;

namespace GrainSensors.Web.Tests.Access;

/// <summary>Logs in as a browser does.</summary>
internal static class LogInForms
{
    public static readonly (string Name, string Value) Browser = ("Accept", "text/html,application/xhtml+xml");

    public static IEnumerable<string> Cookies(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [];

    /// <summary>Opens the page and sends its form.</summary>
    /// <param name="receiver">The host that receives the form; null: the host of the page.</param>
    /// <param name="cookie">A cookie that the browser has already.</param>
    public static async Task<HttpResponseMessage> EnterAsync(
        GuardedHost host, string key, string target = "/", GuardedHost? receiver = null, string? cookie = null)
    {
        using var page = await host.SendAsync(HttpMethod.Get, $"/login?return={Uri.EscapeDataString(target)}", headers: Browser);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var fields = Regex.Matches(html, """<input type="hidden" name="(?<name>[^"]+)" value="(?<value>[^"]*)" ?/?>""")
            .ToDictionary(m => m.Groups["name"].Value, m => WebUtility.HtmlDecode(m.Groups["value"].Value));
        Assert.Equal(target, fields["return"]);
        fields["key"] = key;
        var cookies = Cookies(page).Select(set => set.Split(';')[0]).Concat(cookie is null ? [] : [cookie]);
        return await (receiver ?? host).SendAsync(
            HttpMethod.Post, "/login", content: new FormUrlEncodedContent(fields), headers: ("Cookie", string.Join("; ", cookies)));
    }

    /// <returns>The cookie of the session, as a browser sends it.</returns>
    public static async Task<string> LogInAsync(GuardedHost host, string key, string? cookie = null)
    {
        using var entered = await EnterAsync(host, key, cookie: cookie);
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        return Cookies(entered).Single(set => set.StartsWith("grainsensors_session=", StringComparison.Ordinal)).Split(';')[0];
    }

    /// <returns>The status of a page that requires a session.</returns>
    public static async Task<HttpStatusCode> OpenAsync(GuardedHost host, string cookie, string path = "/page")
    {
        using var answer = await host.SendAsync(HttpMethod.Get, path, headers: ("Cookie", cookie));
        return answer.StatusCode;
    }

    public static async Task LogOutAsync(GuardedHost host, string cookie)
    {
        using var left = await host.SendAsync(HttpMethod.Post, "/logout", headers: ("Cookie", cookie));
        Assert.Equal(HttpStatusCode.Redirect, left.StatusCode);
    }
}
