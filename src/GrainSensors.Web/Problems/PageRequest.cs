using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Problems;

/// <summary>Tells requests of people, who read pages, from those of programs.</summary>
internal static class PageRequest
{
    /// <summary>A browser asks for a page, as it does for addresses, links and forms, but not for scripts, images and data.</summary>
    public static bool AcceptsPage(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>An error is answered with a page. The API answers every error with a problem.</summary>
    public static bool IsForConsole(HttpRequest request) => AcceptsPage(request) && !request.Path.StartsWithSegments("/api");
}
