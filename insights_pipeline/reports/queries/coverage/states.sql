select state, count(*) as days
from days
group by state
order by severity(state);
