using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Access;

/// <summary>The path of a page of this silo, to which a person may be redirected.</summary>
internal static class LocalPath
{
    private static readonly Uri Base = new("http://silo.invalid/");

    /// <param name="pathBase">The beginning of all paths of this silo.</param>
    /// <returns>The path and query of the target; that of the first page: the target is not a path of this silo.</returns>
    /// <remarks>
    /// Browsers skip tabs and line breaks, and read a backslash as a slash, so <c>/\t/name</c> would be another site. The path is
    /// therefore written again from its parts.
    /// </remarks>
    public static string Of(string target, PathString pathBase)
    {
        var first = $"{pathBase}/";
        if (!target.StartsWith('/') || target.Any(c => char.IsControl(c) || c is '\\' or '\uFFFD')
            || !Uri.TryCreate(Base, target, out var uri) || uri.Authority != Base.Authority || uri.Scheme != Base.Scheme)
        {
            return first;
        }

        var path = uri.GetComponents(UriComponents.PathAndQuery | UriComponents.Fragment, UriFormat.UriEscaped);
        return path is ['/', not '/', ..] && path.StartsWith(first, StringComparison.Ordinal) ? path : first;
    }
}
