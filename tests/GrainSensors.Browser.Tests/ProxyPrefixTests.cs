using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using GrainSensors.Browser.Tests.Fixtures;
using GrainSensors.Hosting.Configuration;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>Console, API and dashboard below the prefix of a proxy: <c>Http:PathBase</c>.</summary>
public sealed class ProxyPrefixTests(Chromium chromium, PrefixedConsoleServer server) : IClassFixture<PrefixedConsoleServer>
{
    private const string Prefix = PrefixedConsoleServer.Prefix;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("location PREFIX/ { proxy_pass SILO; }")]
    [InlineData("location PREFIX/ { proxy_pass SILO/; }")]
    [InlineData(null)]
    public async Task The_console_works_behind_nginx_that_passes_the_prefix_on_or_removes_it_or_is_as_documented(string? location)
    {
        location = (location ?? Documented()).Replace("PREFIX", Prefix, StringComparison.Ordinal)
            .Replace("SILO", server.Address, StringComparison.Ordinal);
        await using var nginx = await Nginx.StartAsync(location);
        var page = await chromium.OpenUnconnectedAsync(server, "about:blank");
        var answers = new ConcurrentQueue<(string Path, int Status)>();
        page.Response += (_, response) => answers.Enqueue((new Uri(response.Url).AbsolutePath, response.Status));

        await page.GotoAsync($"{nginx.Address}{Prefix[1..]}/alerts");
        await page.GetByLabel("Key").FillAsync(LockedConsoleServer.Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Alerts");
        await page.Locator("main[data-live='true']").WaitForAsync();
        Assert.All(await page.Context.CookiesAsync(), cookie => Assert.Equal(Prefix, cookie.Path));

        await page.GetByRole(AriaRole.Link, new() { Name = "Cluster" }).ClickAsync();
        await page.WaitForURLAsync($"**{Prefix}/cluster");
        await page.GetByRole(AriaRole.Link, new() { Name = "Fleet", Exact = true }).ClickAsync();
        await page.WaitForURLAsync($"**{Prefix}/");
        await page.Locator("td a").First.ClickAsync();
        await page.WaitForURLAsync($"**{Prefix}/sensors/*");
        await page.Locator("main[data-live='true'] .chart").First.WaitForAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("Download CSV").ClickAsync());
        Assert.StartsWith($"{nginx.Address}{Prefix[1..]}/api/v1/sensors/", download.Url, StringComparison.Ordinal);
        Assert.Null(await download.FailureAsync());
        await page.GetByRole(AriaRole.Link, new() { Name = "Orleans" }).ClickAsync();
        await page.WaitForURLAsync($"**{Prefix}/dashboard/**");
        await Expect(page.Locator("body")).ToContainTextAsync("Total Activations");

        await page.GotoAsync($"{nginx.Address}{Prefix[1..]}/api");
        await Expect(page.Locator("#operations-Status-GetStatus")).ToBeVisibleAsync();

        await page.GotoAsync($"{nginx.Address}{Prefix[1..]}/nosuch");
        await page.GetByRole(AriaRole.Link, new() { Name = "Alerts" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Log out" }).ClickAsync();
        await Expect(page.GetByLabel("Key")).ToBeVisibleAsync();
        await page.WaitForURLAsync($"**{Prefix}/login");

        Assert.All(answers, answer => Assert.StartsWith($"{Prefix}/", answer.Path, StringComparison.Ordinal));

        // Without an upgrade the connection of a page polls; a poll on its way while the page is left finds its connection gone.
        // A page that is left by logging out may just have asked for its connection, without a session then.
        var failed = answers.Where(answer => answer.Status >= 400 && answer.Path != $"{Prefix}/_blazor"
            && answer is not { Status: 401, Path: $"{Prefix}/_blazor/negotiate" });
        Assert.Equal([$"404 {Prefix}/nosuch"], failed.Select(answer => $"{answer.Status} {answer.Path}"));
    }

    [Fact]
    public async Task The_API_names_its_paths_with_the_prefix_and_answers_without_it_too()
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { BaseAddress = new(server.Address) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", LockedConsoleServer.Key);
        using var document = JsonDocument.Parse(await http.GetStringAsync(Of("/api/v1/openapi.json"), Cancellation));
        Assert.Equal($"{Prefix}/", document.RootElement.GetProperty("servers")[0].GetProperty("url").GetString());

        var problem = await http.GetAsync(Of($"{Prefix}/api/v1/nosuch"), Cancellation);
        Assert.Contains(
            $"The path {Prefix}/api/v1/nosuch does not exist; see {Prefix}/api/v1/openapi.json.",
            await problem.Content.ReadAsStringAsync(Cancellation),
            StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(Of($"{Prefix}/api/v1/status"), Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(Of("/health/live"), Cancellation)).StatusCode);
        var bare = await http.GetAsync(Of($"{Prefix}?x=1"), Cancellation);
        Assert.Equal((HttpStatusCode.Redirect, $"{Prefix}/?x=1"), (bare.StatusCode, bare.Headers.Location!.OriginalString));
    }

    [Theory]
    [InlineData("/elsewhere")]
    [InlineData("/plant/grainsensors.example")]
    [InlineData("/plant/grainsensors/../elsewhere")]
    [InlineData("//elsewhere.example/plant/grainsensors/")]
    public async Task A_log_in_leads_to_no_path_outside_of_the_prefix(string target)
    {
        var page = await chromium.OpenUnconnectedAsync(server, $"{Prefix}/login?return={Uri.EscapeDataString(target)}");
        await page.GetByLabel("Key").FillAsync(LockedConsoleServer.Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();

        await Expect(page).ToHaveURLAsync($"{server.Address}{Prefix}/");
    }

    [Fact]
    public void Every_path_of_a_silo_is_refused_as_a_prefix()
    {
        var paths = server.Services<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => endpoint.RoutePattern.PathSegments is [var first, ..] && first.Parts is [RoutePatternLiteralPart part]
                ? $"/{part.Content}" : "/")
            .Where(path => path != "/").Distinct();

        Assert.Empty(paths.Except(HttpOptionsValidator.OwnPaths));
    }

    private static string Documented()
    {
        var text = RepositoryFiles.Read("docs/security.md");
        var begin = text.IndexOf("location /grainsensors/ {", StringComparison.Ordinal);
        return text[begin..text.IndexOf("```", begin, StringComparison.Ordinal)]
            .Replace("/grainsensors", "PREFIX", StringComparison.Ordinal)
            .Replace("http://127.0.0.1:8080", "SILO", StringComparison.Ordinal);
    }

    private static Uri Of(string path) => new(path, UriKind.Relative);
}
