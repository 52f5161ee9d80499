import './inspector.css';
import './lists.css';
import './tools.css';
import './messages.css';
import './details.css';
import './dialogs.css';
import './phone.css';
import { showPage } from '../shared/page.tsx';
import { InspectorPage } from './inspector-page.tsx';
import { logInByAddress } from './login.ts';

// Before anything asks who is logged in, and sends the reader away.
const problem = await logInByAddress();

showPage('inspector', <InspectorPage problem={problem} />);
